//! Expansions raise no lint in user code, however strict its crate is.

#[path = "expansion/package.rs"]
mod package;

use package::{Package, stdout};

/// `shop.rs` denies what rustc and clippy know, and forbids unsafe code.
#[test]
fn expansions_raise_no_lint() {
    let package = Package::new("lints", "tests/programs/lints/shop.rs", "eventful");
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
