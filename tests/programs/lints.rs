//! Expansions raise no lint in user code, however strict its crate is, and report mistakes in every edition.

#[path = "expansion/package.rs"]
mod package;

use package::{Package, stdout};

/// `shop.rs` denies what rustc and clippy know, and forbids unsafe code.
#[test]
fn expansions_raise_no_lint() {
    let package = Package::new("lints", "tests/programs/lints/shop.rs", "eventful", 2024);
    let has_clippy = package
        .cargo(&["clippy", "--version"])
        .output()
        .is_ok_and(|output| output.status.success());
    if has_clippy {
        stdout(&mut package.cargo(&["clippy", "--quiet"]));
    } else {
        eprintln!("SKIPPED: clippy's lints, because clippy is not installed; rustc's are checked");
        stdout(&mut package.cargo(&["check", "--quiet"]));
    }
}

#[test]
fn mistakes_are_reported_in_the_first_edition() {
    let source = "tests/programs/lints/edition_2015.rs";
    let package = Package::new("edition_2015", source, "eventful", 2015);
    let output = package.cargo(&["check", "--quiet"]).output();
    let messages =
        String::from_utf8(output.expect("cargo runs").stderr).expect("messages are text");
    let errors: Vec<_> = messages
        .lines()
        .filter(|line| line.starts_with("error: "))
        .collect();
    assert!(errors[0].contains("unknown option `nme`"), "{messages}");
    assert!(errors[1].contains("write `&u64`"), "{messages}");
    assert_eq!(errors.len(), 3, "{messages}"); // the last is cargo's
}
