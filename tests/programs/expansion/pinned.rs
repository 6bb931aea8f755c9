//! The compiler whose compile errors and expansions the tests compare.

use std::process::Command;

/// Returns `true` for that compiler, and prints a line for any other one.
pub(crate) fn is_pinned_compiler() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output();
    let version = output.expect("there is a compiler").stdout;
    let version = String::from_utf8_lossy(&version);
    let is_pinned = version.starts_with("rustc 1.95.");
    if !is_pinned {
        println!("SKIPPED: the texts are those of Rust 1.95, and this is {version}");
    }
    is_pinned
}
