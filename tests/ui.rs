//! The compile errors of the macros and the builder, one mistake a file, and the code that they accept.
//!
//! The texts are those of one compiler, the toolchain that CI pins (Rust 1.95). Another one words its own part
//! differently, and skips the mistakes. `TRYBUILD=overwrite cargo test --test ui` writes the texts anew; read each as
//! its reader would.

#[path = "programs/expansion/pinned.rs"]
mod pinned;

/// Every file holds one mistake, or says in its name that it holds several.
#[test]
fn mistakes() {
    if !pinned::is_pinned_compiler() {
        return;
    }
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*/fail/*.rs");
    if cfg!(feature = "durable") {
        cases.compile_fail("tests/ui/durable/mistakes/*.rs");
    } else {
        cases.compile_fail("tests/ui/durable/without_the_feature/*.rs");
    }
}

/// Everything here compiles, and its assertions hold when it runs.
#[test]
fn accepted() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/*/pass/*.rs");
}
