//! Cargo, which builds and runs the programs.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use expect_test::Expect;

pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// The target of the programs, if the environment names one.
pub(crate) fn target() -> Option<String> {
    env::var("EVENTFUL_FIXTURES_TARGET").ok()
}

pub(crate) fn is_windows() -> bool {
    target().map_or(cfg!(windows), |target| target.contains("windows"))
}

/// Kept between runs, so that only the first one builds everything.
pub(crate) fn target_directory() -> PathBuf {
    let name = if cfg!(feature = "inventory") {
        "fixtures-inventory"
    } else {
        "fixtures"
    };
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

pub(crate) fn prints(program: &[&str], expected: &Expect) {
    expected.assert_eq(&run(program));
}

/// The output of a program of the fixtures.
pub(crate) fn run(program: &[&str]) -> String {
    succeed(cargo("run").args(program))
}

/// Each file of tests in the fixtures has one test.
pub(crate) fn passes(tests: &[&str]) {
    let printed = succeed(cargo("test").args(tests));
    assert!(printed.contains("ok. 1 passed; 0 failed"), "{printed}");
}

/// A cargo command on the fixtures.
pub(crate) fn cargo(command: &str) -> Command {
    let mut cargo = clean_cargo();
    // When dependencies change: `cargo update --workspace --manifest-path tests/fixtures/Cargo.toml`.
    cargo.args([command, "--quiet", "--locked", "--manifest-path"]);
    cargo.arg(fixtures().join("Cargo.toml"));
    if cfg!(feature = "inventory") {
        cargo.args(["--features", "eventful/inventory"]);
    }
    if let Some(target) = target() {
        cargo.args(["--target", &target]);
    }
    cargo
}

/// Cargo without what the cargo around this test, or its user, has set for this workspace.
pub(crate) fn clean_cargo() -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(changes_the_build) {
            cargo.env_remove(name);
        }
    }
    cargo.current_dir(fixtures());
    cargo.env("CARGO_TARGET_DIR", target_directory());
    cargo
}

/// Returns `true` for an environment variable that tells cargo what to build and how, not where packages come from.
fn changes_the_build(variable: &str) -> bool {
    let starts_with = |prefix: &&str| variable.starts_with(*prefix);
    let is_about_packages = [
        "CARGO_HOME",
        "CARGO_HTTP",
        "CARGO_NET",
        "CARGO_REGISTR",
        "CARGO_SOURCE",
    ]
    .iter()
    .any(starts_with);
    let is_about_builds = ["CARGO_", "RUSTC", "RUSTFLAGS", "RUSTDOCFLAGS"]
        .iter()
        .any(starts_with);
    // How to link and run programs for a target.
    let is_about_targets = ["_LINKER", "_RUNNER"]
        .iter()
        .any(|end| variable.ends_with(end));
    is_about_builds && !is_about_packages && !is_about_targets
}

/// The output of a command. Panics with everything that the command printed if it fails.
pub(crate) fn succeed(command: &mut Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = execute(command);
    let (stdout, stderr) = (text(&stdout), text(&stderr));
    assert!(
        status.success(),
        "{command:?}\nended with {status}\n--- stdout\n{stdout}--- stderr\n{stderr}"
    );
    stdout
}

pub(crate) fn execute(command: &mut Command) -> Output {
    command
        .output()
        .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"))
}

/// Output as it is on every platform.
pub(crate) fn text(output: &[u8]) -> String {
    String::from_utf8_lossy(output)
        .replace("\r\n", "\n")
        .replace('\\', "/")
}
