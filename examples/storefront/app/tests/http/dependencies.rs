//! The service with a crate less and with a crate more: a line of Cargo.toml, and nothing else.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::demo::{demo, told};

const AUDIT: &str = "audit = { package = \"storefront-audit\", path = \"../audit\" }\n";

#[test]
fn without_the_audit_all_goes_on_and_nothing_is_written_down() {
    let without = demo_of("storefront-without-audit", "");
    let with = told(&demo().output().unwrap());
    let is_of_the_audit = |line: &&str| line.starts_with("    order.");
    assert_eq!(with.lines().filter(is_of_the_audit).count(), 55);
    let expected: Vec<_> = with.lines().filter(|line| !is_of_the_audit(line)).collect();
    let expected = stories(&expected.join("\n")).replace("55 lines of audit", "0 lines of audit");
    assert_eq!(stories(without.trim_end()), expected);
}

#[test]
fn the_crate_of_the_readme_is_called_once_it_is_a_dependency() {
    let readme = fs::read_to_string(app().join("../README.md")).unwrap();
    let block = |language: &str| {
        let (_, text) = readme
            .split_once(&format!("```{language}\n"))
            .expect(language);
        text.split_once("```").unwrap().0
    };
    let loyalty = temporary("loyalty");
    fs::create_dir_all(loyalty.join("src")).unwrap();
    fs::write(loyalty.join("src/lib.rs"), block("rust")).unwrap();
    let manifest = absolute(
        "[package]\nname = \"loyalty\"\nedition = \"2024\"\n\n[dependencies]\n\
         eventful = { package = \"eventful-framework\", path = \"../../..\" }\n\
         orders = { package = \"storefront-orders\", path = \"../orders\" }\n",
    );
    fs::write(loyalty.join("Cargo.toml"), manifest).unwrap();

    let line = block("toml");
    assert_eq!(line.lines().count(), 1, "{line}");
    let here = format!("path = \"{}\"", loyalty.display());
    let told = demo_of(
        "storefront-with-loyalty",
        &(AUDIT.to_owned() + &line.replace("path = \"../loyalty\"", &here)),
    );
    assert_eq!(
        told.matches("    loyalty.points           earns ").count(),
        10,
        "{told}"
    );
    assert!(
        told.contains("    loyalty.points           earns 450 points\n"),
        "{told}"
    );
}

/// Returns the output of the demonstration with these lines in the place of its dependency on the audit.
fn demo_of(name: &str, dependencies: &str) -> String {
    let folder = temporary(name);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("Cargo.toml"), manifest(name, dependencies)).unwrap();
    fs::copy(app().join("../../../Cargo.lock"), folder.join("Cargo.lock")).unwrap();

    // The crates that are built for this test need not be built again.
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
        .arg(folder.join("Cargo.toml"))
        .args([
            OsStr::new("--target-dir"),
            profile.parent().unwrap().as_os_str(),
        ])
        .args(["--", "--demo"]);
    told(&cargo.output().unwrap())
}

/// The manifest of the service at another place and under another name: the programs of all are put beside each other.
fn manifest(name: &str, dependencies: &str) -> String {
    let whole = fs::read_to_string(app().join("Cargo.toml")).unwrap();
    assert_eq!(whole.matches(AUDIT).count(), 1, "{whole}");
    let copy = whole
        .replace(AUDIT, dependencies)
        .replace(
            "name = \"storefront\"\n",
            &format!("name = \"{name}\"\nautobins = false\n"),
        )
        .replace("[lints]\nworkspace = true\n", "");
    let sources = app().join("src");
    let sources = sources.display();
    let workspace = fs::read_to_string(app().join("../../../Cargo.toml")).unwrap();
    let inherited = section(&workspace, "[workspace.package]\n");
    let copy = absolute(&copy);
    format!(
        "{copy}[lib]\nname = \"storefront\"\npath = \"{sources}/lib.rs\"\n\n\
         [[bin]]\nname = \"{name}\"\npath = \"{sources}/main.rs\"\n\n\
         [workspace]\nresolver = \"3\"\n\n{inherited}"
    )
}

/// A manifest beside that of the service, for any place.
fn absolute(manifest: &str) -> String {
    let storefront = app().parent().unwrap();
    let root = storefront.parent().unwrap().parent().unwrap();
    manifest
        .replace("path = \"../../..", &format!("path = \"{}", root.display()))
        .replace("path = \"..", &format!("path = \"{}", storefront.display()))
}

/// The lines from a heading up to the next empty line.
fn section<'a>(manifest: &'a str, heading: &str) -> &'a str {
    let start = manifest.find(heading).expect("there is such a section");
    let length = manifest[start..].find("\n\n").expect("others follow");
    &manifest[start..start + length]
}

fn app() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn temporary(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// Returns the part of the output about the orders, without places and times.
fn stories(told: &str) -> String {
    let (_, stories) = told.split_once("\n\n").unwrap();
    let (stories, end) = stories.rsplit_once("20 orders in ").unwrap();
    let (_, sum) = end.split_once(": ").unwrap();
    format!("{stories}{sum}")
}
