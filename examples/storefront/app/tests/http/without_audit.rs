//! The service without one of the crates that it is made of: a line of Cargo.toml less, and nothing else.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::demo::{demo, told};

const DEPENDENCY: &str = "audit = { package = \"storefront-audit\", path = \"../audit\" }\n";

/// The manifest, with one dependency less, at another place and under another name.
fn manifest(app: &Path) -> String {
    let whole = fs::read_to_string(app.join("Cargo.toml")).unwrap();
    assert_eq!(whole.matches(DEPENDENCY).count(), 1, "{whole}");
    let relative = |parent: &Path| format!("path = \"{}", parent.display());
    let storefront = app.parent().unwrap();
    let root = storefront.parent().unwrap().parent().unwrap();
    // The programs of both packages are put beside each other.
    let name = "name = \"storefront-without-audit\"\nautobins = false\n";
    let targets = format!(
        "[lib]\nname = \"storefront\"\npath = \"{0}/src/lib.rs\"\n\n\
         [[bin]]\nname = \"storefront-without-audit\"\npath = \"{0}/src/main.rs\"\n\n",
        app.display()
    );
    let inherited = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let package = section(&inherited, "[workspace.package]\n");
    let mut copy = whole
        .replace(DEPENDENCY, "")
        .replace("path = \"../../..", &relative(root))
        .replace("path = \"..", &relative(storefront))
        .replace("name = \"storefront\"\n", name)
        .replace("[lints]\nworkspace = true\n", "");
    copy += &format!("{targets}[workspace]\nresolver = \"3\"\n\n{package}");
    copy
}

/// The lines from a heading up to the next empty line.
fn section<'a>(manifest: &'a str, heading: &str) -> &'a str {
    let start = manifest.find(heading).expect("there is such a section");
    let length = manifest[start..].find("\n\n").expect("others follow");
    &manifest[start..start + length]
}

#[test]
fn without_the_audit_all_goes_on_and_nothing_is_written_down() {
    let app = Path::new(env!("CARGO_MANIFEST_DIR"));
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("without_audit");
    fs::create_dir_all(&copy).unwrap();
    fs::write(copy.join("Cargo.toml"), manifest(app)).unwrap();
    let lock = app.join("../../../Cargo.lock");
    fs::copy(lock, copy.join("Cargo.lock")).unwrap();

    // What is built for this test already need not be built again.
    let program = Path::new(env!("CARGO_BIN_EXE_storefront"));
    let profile = program.parent().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    // Build scripts that ask for what cargo says of the package under test would run again, in both workspaces.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(name);
        }
    }
    cargo
        .args(["run", "--quiet", "--offline"])
        .args(profile.ends_with("release").then_some("--release"))
        .arg("--manifest-path")
        .arg(copy.join("Cargo.toml"))
        .args([
            OsStr::new("--target-dir"),
            profile.parent().unwrap().as_os_str(),
        ])
        .args(["--", "--demo"]);
    let without = told(&cargo.output().unwrap());

    let with = told(&demo().output().unwrap());
    let is_of_the_audit = |line: &&str| line.starts_with("    order.");
    assert_eq!(with.lines().filter(is_of_the_audit).count(), 55);
    let expected: Vec<_> = with.lines().filter(|line| !is_of_the_audit(line)).collect();
    let expected =
        without_time(&expected.join("\n")).replace("55 lines of audit", "0 lines of audit");
    assert_eq!(without_time(without.trim_end()), expected);
}

/// The stories: not where they happened, and not how long it took.
fn without_time(told: &str) -> String {
    let (_, stories) = told.split_once("\n\n").unwrap();
    let (stories, end) = stories.rsplit_once("20 orders in ").unwrap();
    let (_, sum) = end.split_once(": ").unwrap();
    format!("{stories}{sum}")
}
