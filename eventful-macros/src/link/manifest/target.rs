//! Which of its package's targets a crate is.

use toml_span::Value;

use super::document::{directory, elements, get, text};
use super::library::Library;
use crate::link::cargo::Unit;
use crate::link::files::Files;

/// The kinds of targets that differ in what they can name.
#[derive(Debug, PartialEq)]
pub(super) enum Target {
    /// The library and its unit tests. A documentation test cannot be told from it.
    Library,
    /// A program and its unit tests.
    Program,
    /// A test, benchmark or example: it always sees the dev-dependencies, with `cfg(test)` or without.
    Development,
}

impl Target {
    pub(super) fn of(
        unit: &Unit,
        manifest: &Value<'_>,
        own: Option<&Library>,
        files: &impl Files,
    ) -> Self {
        match &unit.program {
            _ if unit.is_test_or_bench => Self::Development,
            Some(program) if is_program(program, unit, manifest, files) => Self::Program,
            None if own.is_some_and(|library| library.name == unit.crate_name) => Self::Library,
            // What remains are examples: cargo names them like programs, and those that are libraries not at all.
            Some(_) | None => Self::Development,
        }
    }
}

/// Whether one of the package's binaries has this name. An example that shares it is taken for the binary, because a
/// binary that names a dev-dependency does not compile.
fn is_program(name: &str, unit: &Unit, manifest: &Value<'_>, files: &impl Files) -> bool {
    let sources = directory(&unit.manifest).join("src");
    let is_package =
        get(manifest, "package").and_then(|package| text(package, "name")) == Some(name);
    elements(manifest, "bin").any(|binary| text(binary, "name") == Some(name))
        || is_package && files.exists(&sources.join("main.rs"))
        || files.exists(&sources.join("bin").join(format!("{name}.rs")))
        || files.exists(&sources.join("bin").join(name).join("main.rs"))
}
