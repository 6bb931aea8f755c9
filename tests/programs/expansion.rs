//! The expansions of our attributes, as `cargo expand` prints them. They are short enough to read.
//!
//! The snapshots are of the toolchain that CI pins (Rust 1.95). `UPDATE_EXPECT=1 cargo test --test expansion` writes them
//! anew.

#[path = "expansion/chapter.rs"]
mod chapter;
#[path = "expansion/package.rs"]
mod package;
#[path = "expansion/pinned.rs"]
mod pinned;

use std::io::Write;
use std::process::{Command, Stdio};

use expect_test::expect_file;
use package::{Package, stdout};

/// For each snapshot its name, the beginning of the item, and the greatest number of lines of the item with its
/// expansion. Each static item, which linkme takes apart, is 19 of them, and each record 8.
const ITEMS: [(&str, &str, usize); 7] = [
    ("event", "struct OrderCreated", 49),
    ("handler", "fn update_cache", 50),
    ("handlers", "impl Cache", 52),
    ("family", "trait Auditable", 28),
    ("family_member", "struct OrderPaid", 59),
    ("guarded_handler", "fn thank", 54),
    ("several_events", "fn audit", 90),
];

/// The items between them, which have no snapshot.
const OTHERS: [&str; 2] = ["struct Cache", "impl Auditable for OrderPaid"];

#[test]
fn expansions_are_short_enough_to_read() {
    if !pinned::is_pinned_compiler() {
        return;
    }
    let expanded = format(&expand());
    let ends: Vec<usize> = ITEMS
        .iter()
        .map(|(_, beginning, _)| *beginning)
        .chain(OTHERS)
        .map(|beginning| start(&expanded, beginning))
        .chain([expanded.len()])
        .collect();
    let backend = if cfg!(feature = "inventory") {
        ".inventory"
    } else {
        ""
    };
    let item = |beginning| {
        let start = start(&expanded, beginning);
        let end = ends.iter().copied().filter(|end| *end > start).min();
        &expanded[start..end.unwrap_or(start)]
    };
    for (name, beginning, most_lines) in ITEMS {
        let item = item(beginning);
        expect_file![format!("expansion/{name}{backend}.expanded.rs")].assert_eq(item);
        let lines = item.lines().count();
        assert!(lines <= most_lines, "{lines} lines:\n{item}");
    }
    // The chapter's text is that of linkme.
    if cfg!(all(target_os = "linux", not(feature = "inventory"))) {
        let shown = [ITEMS[0], ITEMS[1]].map(|(_, beginning, _)| item(beginning));
        chapter::check(include_str!("expansion/app.rs"), &shown);
    }
}

fn start(expanded: &str, beginning: &str) -> usize {
    let beginning = expanded.find(beginning);
    beginning.expect("the item is in the expansion")
}

/// The package that `cargo expand` reads.
fn expand() -> String {
    let package = Package::new("app", "tests/programs/expansion/app.rs", "eventful", 2024);
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
