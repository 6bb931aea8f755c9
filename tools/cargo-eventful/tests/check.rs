//! `cargo eventful check`, on the programs of `tests/fixtures`, some of which lack a `link!`, and on the storefront.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[test]
fn a_program_that_links_everything_is_clean() {
    let checked = check(&["-p", "checkout", "--bin", "checkout"]);
    assert!(text(&checked.stdout).starts_with("clean: "), "{checked:?}");
    assert_eq!(checked.status.code(), Some(0));
}

#[test]
fn a_dependency_that_is_only_in_the_manifest_is_named_with_the_line_to_write() {
    let checked = check(&["-p", "checkout", "--bin", "checkout-unlinked"]);
    assert_eq!(
        text(&checked.stdout),
        "\
error: the crate `stock` is not linked, so that the program lacks its handler: `stock::handlers::open`
  write in link/checkout/src/bin/checkout-unlinked.rs
    eventful::link!();

1 finding
"
    );
    assert_eq!(checked.status.code(), Some(1));
}

#[test]
fn a_list_of_crates_is_completed_and_a_dependency_of_a_dependency_is_linked_there() {
    let checked = check(&["-p", "market", "--bin", "market-unlinked"]);
    assert_eq!(
        text(&checked.stdout),
        "\
error: the crate `reseller` is not linked, so that the program lacks its handler: `reseller::open`
  write instead of link/market/src/bin/market-unlinked.rs:5
    eventful::link!(reseller_unlinked, reseller);

error: the crate `stock` is not linked, so that the program lacks its handler: `stock::handlers::open`
  write in link/reseller-unlinked/src/lib.rs
    eventful::link!();

2 findings
"
    );
}

#[test]
fn the_own_library_of_a_program_or_a_test_is_named() {
    for (program, root) in [
        (
            ["--bin", "storefront-unlinked"],
            "src/bin/storefront-unlinked.rs",
        ),
        (["--test", "unlinked"], "tests/unlinked.rs"),
    ] {
        let checked = check(&[&["-p", "storefront"], &program[..]].concat());
        let lacks = format!("  write in link/storefront/{root}\n    eventful::link!();\n");
        assert!(text(&checked.stdout).contains(&lacks), "{checked:?}");
        assert_eq!(checked.status.code(), Some(1));
    }
    let linked = check(&["-p", "storefront", "--test", "linked"]);
    assert_eq!(linked.status.code(), Some(0), "{linked:?}");
}

#[test]
fn programs_and_github_are_told_the_same() {
    let unlinked = ["-p", "checkout", "--bin", "checkout-unlinked", "--format"];
    let checked = check(&[&unlinked[..], &["json"]].concat());
    let json: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
    let finding = &json["findings"][0];
    assert_eq!(finding["kind"], "not-linked");
    assert_eq!(finding["write"], "eventful::link!();");
    assert_eq!(checked.status.code(), Some(1));

    let github = command(&fixtures(), &[&unlinked[..], &["github"]].concat())
        .env("GITHUB_WORKSPACE", fixtures().parent().unwrap())
        .output()
        .unwrap();
    assert!(
        text(&github.stdout).starts_with(
            "::error file=fixtures/link/checkout/src/bin/checkout-unlinked.rs,title=handlers are not linked::"
        ),
        "{github:?}"
    );
}

#[test]
fn what_cannot_be_told_is_an_error_that_says_what_to_do() {
    let several = check(&["-p", "checkout"]);
    assert_eq!(several.status.code(), Some(2));
    let said = text(&several.stderr);
    assert!(said.contains("--bin checkout-unlinked"), "{said}");

    let library = check(&["-p", "stock"]);
    assert_eq!(library.status.code(), Some(2));
    let said = text(&library.stderr);
    let one_of = "there is no program in `stock`; choose one of these:\n";
    assert!(said.contains(one_of), "{said}");
    assert!(said.contains("\n  -p market --bin market\n"), "{said}");

    let manifest = fixtures().join("Cargo.toml");
    let no_program = check(&["--binary", manifest.to_str().unwrap()]);
    assert_eq!(no_program.status.code(), Some(2));
    assert!(text(&no_program.stderr).contains("is no program"));
}

#[test]
#[ignore = "builds with link-time optimization, twice"]
fn libraries_that_link_time_optimization_left_without_code_are_built_once_more() {
    let program = ["-p", "checkout", "--profile", "fat-lto", "--bin"];
    let checked = check(&[&program[..], &["checkout-unlinked"]].concat());
    let said = text(&checked.stderr);
    assert!(
        said.contains("they are built once more without it"),
        "{said}"
    );
    assert!(
        text(&checked.stdout).contains("error: the crate `stock` is not linked"),
        "{checked:?}"
    );
    let linked = check(&[&program[..], &["checkout"]].concat());
    assert_eq!(linked.status.code(), Some(0), "{linked:?}");
}

#[test]
#[ignore = "builds the storefront, and what it depends on"]
fn the_storefront_is_clean_until_it_leaves_out_the_audit() {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("storefront-copy");
    let workspace = repository();
    if copy.exists() {
        fs::remove_dir_all(&copy).unwrap();
    }
    copy_sources(workspace, &copy);
    let check = || command(&copy, &["-p", "storefront"]).output().unwrap();

    let clean = check();
    assert!(text(&clean.stdout).starts_with("clean: "), "{clean:?}");
    assert_eq!(clean.status.code(), Some(0));

    let shop = copy.join("examples/storefront/app/src/shop.rs");
    let source = fs::read_to_string(&shop).unwrap();
    let all = "eventful::bus!()";
    assert_eq!(source.matches(all).count(), 1);
    let some = "eventful::bus!(billing, notifications, stock)";
    fs::write(&shop, source.replace(all, some)).unwrap();
    let unlinked = check();
    let said = text(&unlinked.stdout);
    let place = "  write in examples/storefront/app/src/lib.rs\n    eventful::link!();\n";
    assert!(
        said.contains("`storefront-audit` is not linked"),
        "{unlinked:?}"
    );
    assert!(said.contains("`audit::write_down`"), "{said}");
    assert!(said.contains(place), "{said}");
    assert_eq!(unlinked.status.code(), Some(1));
}

fn check(arguments: &[&str]) -> Output {
    command(&fixtures(), arguments).output().unwrap()
}

fn command(workspace: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-eventful"));
    command
        .current_dir(workspace)
        .args(["eventful", "check"])
        .args(arguments)
        .env(
            "CARGO_TARGET_DIR",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixtures"),
        )
        .env_remove("GITHUB_WORKSPACE")
        .env_remove("RUSTFLAGS");
    command
}

fn fixtures() -> PathBuf {
    repository().join("tests/fixtures")
}

/// A workspace without what was built and what git knows.
fn copy_sources(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if !entry.file_type().unwrap().is_dir() {
            fs::copy(from, to).unwrap();
        } else if ![".git", "target"]
            .map(Into::into)
            .contains(&entry.file_name())
        {
            copy_sources(&from, &to);
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn repository() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).unwrap()
}
