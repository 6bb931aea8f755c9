//! `cargo eventful explain`, on the programs of `tests/fixtures`, and on one with handlers that are not compiled.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[test]
fn a_handler_that_is_linked_has_its_place() {
    let explained = explain(
        &fixtures(),
        &["open", "-p", "checkout", "--bin", "checkout"],
    );
    assert_eq!(
        text(&explained.stdout),
        "\
stock::handlers::open (link/stock/src/lib.rs:10:8)
  is called for shop_events::ShopOpened: number 1 of 1
  not on a bus that it was removed from, or that is isolated
"
    );
}

#[test]
fn a_handler_that_is_not_linked_has_the_line_that_links_it_and_so_has_its_event() {
    let program = ["-p", "checkout", "--bin", "checkout-unlinked"];
    let why = "\
stock::handlers::open (link/stock/src/lib.rs:10:8)
  handles shop_events::ShopOpened
  is not called: it is not in the program
  the crate `stock` is a dependency that nothing links
  write in link/checkout/src/bin/checkout-unlinked.rs
    eventful::link!();
";
    let handler = explain(&fixtures(), &[&["handlers::open"], &program[..]].concat());
    assert_eq!(text(&handler.stdout), why);
    let event = explain(&fixtures(), &[&["ShopOpened"], &program[..]].concat());
    let said = text(&event.stdout);
    assert!(said.contains("  has no handler in the program\n"), "{said}");
    assert!(said.ends_with(why), "{said}");
}

#[test]
fn a_handler_that_is_not_compiled_has_the_predicate_and_what_is_wrong_with_a_name_is_said() {
    let shop = Path::new(env!("CARGO_TARGET_TMPDIR")).join("explained-shop");
    let framework = repository();
    fs::create_dir_all(shop.join("src")).unwrap();
    let write = |name: &str, content: &str| fs::write(shop.join(name), content).unwrap();
    write(
        "Cargo.toml",
        &format!(
            "[package]\nname = \"explained\"\nedition = \"2024\"\n[features]\naudit = []\n[workspace]\n\
             [dependencies]\neventful = {{ package = \"eventful-framework\", path = {framework:?} }}\n"
        ),
    );
    let lock = framework.join("tests/fixtures/Cargo.lock");
    fs::copy(lock, shop.join("Cargo.lock")).unwrap();
    write(
        "src/main.rs",
        "use eventful::{event, handler};\n#[cfg(feature = \"audit\")]\nmod audit;\n\
         /// A payment.\n#[event(fail_fast)]\nstruct Paid(u64);\n\
         #[handler(Paid, order = -1)]\nfn save(_: &Paid) {}\n\
         /// Tells.\n#[handler(Paid, when = |paid| paid.0 > 1)]\nfn send(_: &Paid, _: &String, _: Option<&u8>) {}\n\
         mod other { #[eventful::handler(crate::Paid)] fn send_all(_: &crate::Paid) {} }\n\
         mod mails { #[eventful::handler(crate::Paid, order = 1)] fn send_all(_: &crate::Paid) {} }\n\
         fn main() { let _ = Paid(1).publish(); }\n",
    );
    write(
        "src/audit.rs",
        "#[eventful::handler(crate::Paid)]\nfn write_down(_: &crate::Paid) {}\n",
    );
    write(
        "src/stray.rs",
        "#[eventful::handler(crate::Paid)]\nfn forgotten(_: &crate::Paid) {}\n",
    );
    let says = |name: &str, expected: &str| {
        let explained = explain(&shop, &[name]);
        assert_eq!(text(&explained.stdout), expected, "{explained:?}");
        assert_eq!(explained.status.code(), Some(0));
    };
    says(
        "write_down",
        "\
explained::audit::write_down (src/audit.rs:2)
  handles crate::Paid
  is not called: it is not compiled
  `cfg(feature = \"audit\")` at src/main.rs:2 is not true in this build
",
    );
    says(
        "forgotten",
        "\
explained::stray::forgotten (src/stray.rs:2)
  handles crate::Paid
  is not called: it is not compiled
  no `mod` names its file
",
    );
    says(
        "send",
        "\
explained::send (src/main.rs:11:4)
  Tells.
  is called for explained::Paid: number 2 of 4
    after explained::save
    before explained::other::send_all
    unless one before it fails: the event is `fail_fast`
  only if its guard, `when = ...`, says so
  only on a bus that provides &String
  with `None` for Option<&u8> where the bus does not provide it, which `Bus::wiring()` tells
  not on a bus that it was removed from, or that is isolated
",
    );
    says(
        "Paid",
        "\
explained::Paid (src/main.rs:6:8)
  A payment.
  1. explained::save (src/main.rs:8:4)
  2. explained::send (src/main.rs:11:4)
  3. explained::other::send_all (src/main.rs:12:50)
  4. explained::mails::send_all (src/main.rs:13:61)
",
    );
    let compiled = explain(&shop, &["write_down", "--features", "audit"]);
    assert!(
        text(&compiled.stdout).contains("is called for explained::Paid"),
        "{compiled:?}"
    );
    for (name, expected) in [
        ("send_all", "explained::mails::send_all"),
        ("unknown", "no handler and no event is called `unknown`"),
    ] {
        let explained = explain(&shop, &[name]);
        assert!(text(&explained.stderr).contains(expected), "{explained:?}");
        assert_eq!(explained.status.code(), Some(2));
    }
}

fn explain(workspace: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cargo-eventful"))
        .current_dir(workspace)
        .arg("explain")
        .args(arguments)
        .env(
            "CARGO_TARGET_DIR",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixtures"),
        )
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap()
}

fn fixtures() -> PathBuf {
    repository().join("tests/fixtures")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn repository() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).unwrap()
}
