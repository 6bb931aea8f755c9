//! `cargo eventful diff`, on files that it cannot read and on snapshots.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const OLD: &str =
    r#"{"eventful": 1, "events": [], "families": [], "cycles": [], "unresolved": []}"#;

const NEW: &str = r#"{"eventful": 1, "events": [{
    "name": "shop::Paid", "crate": "shop", "position": {"module_path": "shop", "file": "src/lib.rs", "line": 3, "column": 1},
    "doc": null, "async": false, "concurrent": false, "fail_fast": false, "generic": false, "families": [], "contract": null,
    "handlers": []
}], "families": [], "cycles": [], "unresolved": []}"#;

#[test]
fn the_status_tells_of_a_difference_only_if_it_is_asked_to() {
    let (old, new) = (file("status-old.json", OLD), file("status-new.json", NEW));
    let differing = diff(&[&old, &new]);
    assert_eq!(text(&differing.stdout), "+ event shop::Paid\n");
    assert_eq!(differing.status.code(), Some(0));
    let exit_code = Path::new("--exit-code");
    assert_eq!(diff(&[&old, &new, exit_code]).status.code(), Some(1));
    let same = diff(&[&new, &new, exit_code]);
    assert_eq!(text(&same.stdout), "no difference\n");
    assert_eq!(same.status.code(), Some(0));
}

#[test]
fn programs_are_told_the_same() {
    let (old, new) = (file("json-old.json", OLD), file("json-new.json", NEW));
    let differing = diff(&[&new, &old, Path::new("--format=json")]);
    let json: serde_json::Value = serde_json::from_slice(&differing.stdout).unwrap();
    assert_eq!(json[0]["change"], "removed");
    assert_eq!(json[0]["name"], "shop::Paid");
}

#[test]
fn a_file_that_says_nothing_is_an_error_that_says_what_would() {
    let snapshot = file("errors.json", OLD);
    for (name, content, expected) in [
        ("newer.json", r#"{"eventful": 9}"#, "update this command"),
        ("other.json", r#"{"name": "shop"}"#, "list --format json"),
        ("text.txt", "Hello.", "is no program"),
    ] {
        let refused = diff(&[&snapshot, &file(name, content)]);
        let said = text(&refused.stderr);
        assert!(said.contains(name) && said.contains(expected), "{said}");
        assert_eq!(refused.status.code(), Some(2));
    }
    let missing = diff(&[&snapshot, Path::new("missing.json")]);
    assert!(text(&missing.stderr).contains("`missing.json` cannot be read"));
    assert_eq!(missing.status.code(), Some(2));
}

fn diff(arguments: &[&Path]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cargo-eventful"))
        .arg("diff")
        .args(arguments)
        .output()
        .unwrap()
}

fn file(name: &str, content: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("diff-{name}"));
    fs::write(&path, content).unwrap();
    path
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
