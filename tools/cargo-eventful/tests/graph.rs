//! `cargo eventful graph`, on the programs of `tests/fixtures`.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn graph(arguments: &[&str]) -> Output {
    let root = repository();
    Command::new(env!("CARGO_BIN_EXE_cargo-eventful"))
        .args(["eventful", "graph", "--locked", "--manifest-path"])
        .arg(root.join("tests/fixtures/Cargo.toml"))
        .arg("--target-dir")
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixtures"))
        .args(arguments)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const CHECKOUT: [&str; 4] = ["-p", "checkout", "--bin", "checkout"];

#[test]
fn each_format_shows_the_same_handler() {
    for (format, start) in [
        ("mermaid", "flowchart LR"),
        ("dot", "digraph"),
        ("svg", "<svg xmlns="),
        ("html", "<!doctype html>"),
    ] {
        let drawn = graph(&[&CHECKOUT[..], &["--format", format]].concat());
        let drawing = text(&drawn.stdout);
        assert!(drawing.starts_with(start), "{drawing}");
        assert!(drawing.contains("stock::handlers::open"), "{drawing}");
        assert_eq!(drawn.status.code(), Some(0));
        let again = graph(&[&CHECKOUT[..], &["--format", format]].concat());
        assert_eq!(text(&again.stdout), drawing);
    }
}

#[test]
fn the_name_of_the_file_says_what_to_draw() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("graph");
    fs::create_dir_all(&directory).unwrap();
    let file = directory.join("wiring.svg");
    let drawn = graph(&[&CHECKOUT[..], &["--output", file.to_str().unwrap()]].concat());
    assert!(drawn.stdout.is_empty());
    assert!(text(&drawn.stderr).contains("wrote `"), "{drawn:?}");
    assert!(fs::read_to_string(file).unwrap().starts_with("<svg"));
}

#[test]
fn what_cannot_be_drawn_is_an_error_that_says_what_to_do() {
    let unknown = graph(&[&CHECKOUT[..], &["--event", "Shop"]].concat());
    assert!(
        text(&unknown.stderr).contains("no event fits"),
        "{unknown:?}"
    );
    assert_eq!(unknown.status.code(), Some(2));
    let nowhere = graph(&[&CHECKOUT[..], &["--output", "/missing/wiring.svg"]].concat());
    assert!(
        text(&nowhere.stderr).contains("cannot be written"),
        "{nowhere:?}"
    );
    assert_eq!(nowhere.status.code(), Some(2));
}

fn repository() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).unwrap()
}
