//! What `cargo expand` shows of a plain event, a plain handler and a method that is one: short enough to read.
//!
//! The snapshots are of the toolchain that CI pins (Rust 1.95). `UPDATE_EXPECT=1 cargo test --test expansion` writes them
//! anew.

#[path = "expansion/package.rs"]
mod package;
#[path = "expansion/pinned.rs"]
mod pinned;

use std::io::Write;
use std::process::{Command, Stdio};

use expect_test::{ExpectFile, expect_file};
use package::{Package, stdout};

/// The most lines that an event and what `#[event]` adds may have. Two static items, of which linkme takes one apart,
/// are 20 of them.
const MOST_LINES_OF_AN_EVENT: usize = 40;

/// The most lines that a handler, or a block with one, and what is added to it may have.
const MOST_LINES_OF_A_HANDLER: usize = 40;

#[test]
fn expansions_are_short_enough_to_read() {
    if !pinned::is_pinned_compiler() {
        return;
    }
    let expanded = format(&expand());
    let (_, event) = split_before(&expanded, "struct OrderCreated");
    let (event, handler) = split_before(event, "struct Cache");
    let (_, handler) = split_before(handler, "fn update_cache");
    let (handler, method) = split_before(handler, "impl Cache");
    let [event_snapshot, handler_snapshot, method_snapshot] = if cfg!(feature = "inventory") {
        [
            expect_file!["expansion/event.inventory.expanded.rs"],
            expect_file!["expansion/handler.inventory.expanded.rs"],
            expect_file!["expansion/handlers.inventory.expanded.rs"],
        ]
    } else {
        [
            expect_file!["expansion/event.expanded.rs"],
            expect_file!["expansion/handler.expanded.rs"],
            expect_file!["expansion/handlers.expanded.rs"],
        ]
    };
    check(event, MOST_LINES_OF_AN_EVENT, &event_snapshot);
    check(handler, MOST_LINES_OF_A_HANDLER, &handler_snapshot);
    check(method, MOST_LINES_OF_A_HANDLER, &method_snapshot);
}

fn check(expanded: &str, most_lines: usize, snapshot: &ExpectFile) {
    snapshot.assert_eq(expanded);
    let lines = expanded.lines().count();
    assert!(lines <= most_lines, "{lines} lines:\n{expanded}");
}

/// What `cargo expand` starts from.
fn expand() -> String {
    let package = Package::new("app", "tests/expansion/app.rs");
    let mut cargo = package.cargo(&["rustc", "--lib", "--profile=check", "--quiet"]);
    // The variable allows a stable compiler the unstable flag.
    stdout(
        cargo
            .args(["--", "-Zunpretty=expanded"])
            .env("RUSTC_BOOTSTRAP", "1"),
    )
}

fn format(code: &str) -> String {
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition=2024", "--emit=stdout"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("rustfmt is installed");
    let mut input = rustfmt.stdin.take().expect("the input is piped");
    input
        .write_all(code.as_bytes())
        .expect("rustfmt reads its input");
    drop(input);
    let output = rustfmt.wait_with_output().expect("rustfmt ends");
    assert!(output.status.success(), "rustfmt reads the expansion");
    String::from_utf8(output.stdout).expect("code is text")
}

fn split_before<'a>(code: &'a str, line: &str) -> (&'a str, &'a str) {
    let start = code.find(line).expect("the item is in the expansion");
    code.split_at(start)
}
