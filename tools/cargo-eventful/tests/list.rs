//! `cargo eventful list`, on the programs of `tests/fixtures`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const CHECKOUT: [&str; 4] = ["-p", "checkout", "--bin", "checkout"];

#[test]
fn a_part_is_listed_by_event_handler_and_crate() {
    let one = "\
Events, each with its handlers in the order in which they run:

shop_events::ShopOpened
  stock::handlers::open
";
    for filter in [
        ["--event", "ShopOpened"],
        ["--handler", "handlers::open"],
        ["--crate", "stock"],
    ] {
        let listed = list(&[&CHECKOUT[..], &filter].concat());
        assert_eq!(text(&listed.stdout), one, "{filter:?}");
        assert_eq!(listed.status.code(), Some(0));
    }
    let whole = list(&CHECKOUT);
    assert!(text(&whole.stdout).contains("shop_events::PriceChanged\n  (no handlers)"));
}

#[test]
fn positions_and_colours_are_there_if_asked_for() {
    let asked = list(&[&CHECKOUT[..], &["--event", "ShopOpened", "--positions"]].concat());
    assert!(
        text(&asked.stdout).contains("link/stock/src/lib.rs:10:8"),
        "{asked:?}"
    );
    let colored = list(&[&CHECKOUT[..], &["--color", "always"]].concat());
    assert!(text(&colored.stdout).contains("\u{1b}["), "{colored:?}");
    assert!(!text(&asked.stdout).contains('\u{1b}'), "{asked:?}");
}

#[test]
fn programs_are_given_json() {
    let listed = list(&[&CHECKOUT[..], &["--handler", "open", "--format", "json"]].concat());
    let json: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(json["eventful"], 1);
    assert_eq!(json["events"][0]["handlers"][0]["crate"], "stock");
}

#[test]
fn a_program_with_the_framework_and_no_events_has_none_and_that_is_no_error() {
    let quiet = Path::new(env!("CARGO_TARGET_TMPDIR")).join("quiet");
    let framework = repository();
    fs::create_dir_all(quiet.join("src")).unwrap();
    let manifest = format!(
        "[package]\nname = \"quiet\"\nedition = \"2024\"\n[workspace]\n\
         [dependencies]\neventful = {{ package = \"eventful-framework\", path = {framework:?} }}\n"
    );
    fs::write(quiet.join("Cargo.toml"), &manifest).unwrap();
    let lock = framework.join("tests/fixtures/Cargo.lock");
    fs::copy(lock, quiet.join("Cargo.lock")).unwrap();
    let main = "fn main() { eventful::bus!().build().unwrap(); }\n";
    fs::write(quiet.join("src/main.rs"), main).unwrap();
    let says = |command: &str, expected: &str| {
        let said = run(&quiet, command, &[]);
        assert_eq!(text(&said.stdout), expected, "{said:?}");
        assert_eq!(said.status.code(), Some(0));
    };
    says(
        "list",
        "There are no events and no handlers. Those in crates that only Cargo.toml names need `eventful::link!()`.\n",
    );
    says(
        "check",
        "clean: 0 events, and all of their handlers are linked\n",
    );
    for format in ["html", "svg", "mermaid", "dot"] {
        let drawn = run(&quiet, "graph", &["--format", format]);
        assert_eq!(drawn.status.code(), Some(0), "{drawn:?}");
    }
    // Without the feature `records` nobody can tell.
    let features = "default-features = false, package =";
    fs::write(
        quiet.join("Cargo.toml"),
        manifest.replace("package =", features),
    )
    .unwrap();
    let silent = run(&quiet, "list", &[]);
    assert!(
        text(&silent.stderr).contains("has no records"),
        "{silent:?}"
    );
    assert_eq!(silent.status.code(), Some(2));
}

#[test]
fn what_cannot_be_listed_is_an_error_that_says_what_to_do() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("list");
    fs::create_dir_all(&directory).unwrap();
    let cut_off = directory.join("cut-off");
    let this = fs::read(env!("CARGO_BIN_EXE_cargo-eventful")).unwrap();
    fs::write(&cut_off, &this[..this.len() / 2]).unwrap();
    let no_program = directory.join("no-program");
    fs::write(&no_program, "#!/bin/sh\n").unwrap();
    let says = |arguments: &[&str], expected: &str| {
        let listed = list(arguments);
        let said = text(&listed.stderr);
        assert!(said.contains(expected), "{said}");
        assert_eq!(listed.status.code(), Some(2));
        assert!(listed.stdout.is_empty());
    };
    says(&["-p", "checkout"], "--bin checkout-explicit");
    says(&["-p", "chekout"], "there is no package `chekout`");
    says(
        &["-p", "stock"],
        "there is no program in `stock`; choose one of these:",
    );
    says(&["-p", "stock"], "\n  -p market --bin market\n");
    says(
        &[&CHECKOUT[..], &["--event", "Shop"]].concat(),
        "nothing in the program fits",
    );
    says(
        &["--binary", cut_off.to_str().unwrap()],
        "is damaged or cut off",
    );
    says(&["--binary", no_program.to_str().unwrap()], "is no program");
    says(&["--binary", "missing"], "`missing` cannot be read");
    says(
        &["--binary", env!("CARGO_BIN_EXE_cargo-eventful")],
        "has no records",
    );
}

fn list(arguments: &[&str]) -> Output {
    run(&fixtures(), "list", arguments)
}

fn run(workspace: &Path, command: &str, arguments: &[&str]) -> Output {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixtures");
    Command::new(env!("CARGO_BIN_EXE_cargo-eventful"))
        .current_dir(workspace)
        .arg(command)
        .args(arguments)
        .env("CARGO_TARGET_DIR", directory)
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
