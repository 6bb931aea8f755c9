//! The chapters of the guide on compile errors quote the compiler, whose words are in the notes of `tests/ui`.

#[path = "compile_errors/durable.rs"]
mod durable;
#[path = "compile_errors/from_async.rs"]
mod from_async;
#[expect(dead_code, reason = "cargo fails here, and its output is not needed")]
#[path = "programs/expansion/package.rs"]
mod package;
#[path = "programs/expansion/pinned.rs"]
mod pinned;

use std::path::{Path, PathBuf};
use std::{fs, io};

use package::Package;

const CHAPTER: &str = include_str!("../src/guide/compile_errors.md");

/// The one error that no file of `tests/ui` can make, because their package has the framework.
const NOT_FOUND: &str = "error[E0432]: unresolved import `eventful`";

#[test]
fn each_quotation_is_in_a_note() {
    let notes = notes(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui"))
        .expect("the notes can be read");
    let quotations: Vec<_> = quotations()
        .filter(|quotation| *quotation != NOT_FOUND)
        .collect();
    assert!(
        quotations.len() > 12,
        "the quotations are found: {quotations:?}"
    );
    for quotation in quotations {
        assert!(
            notes.contains(quotation),
            "no note in tests/ui has\n{quotation}"
        );
    }
}

#[test]
fn the_framework_is_not_found_under_another_name() {
    assert!(quotations().any(|quotation| quotation == NOT_FOUND));
    if !pinned::is_pinned_compiler() {
        return;
    }
    let package = Package::new(
        "renamed",
        "tests/programs/expansion/renamed.rs",
        "framework",
        2024,
    );
    let output = package
        .cargo(&["check", "--quiet"])
        .output()
        .expect("cargo can be started");
    let errors = String::from_utf8_lossy(&output.stderr);
    // One for each attribute, and none on top of it.
    assert_eq!(errors.matches(NOT_FOUND).count(), 2, "{errors}");
    assert_eq!(errors.matches("\nerror[").count(), 1, "{errors}");
}

fn quotations() -> impl Iterator<Item = &'static str> {
    CHAPTER
        .split("```text\n")
        .skip(1)
        .map(|block| block.split("\n```").next().unwrap_or_default())
}

fn notes(directory: &Path) -> io::Result<String> {
    let mut notes = String::new();
    for entry in fs::read_dir(directory)? {
        let path: PathBuf = entry?.path();
        if path.is_dir() {
            notes.push_str(&self::notes(&path)?);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "stderr")
        {
            notes.push_str(&fs::read_to_string(path)?);
        }
    }
    Ok(notes)
}
