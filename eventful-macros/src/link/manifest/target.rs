//! The target of a package that is being compiled.

use toml_span::Value;

use super::document::{directory, elements, get, text};
use super::library::Library;
use crate::link::cargo::Unit;
use crate::link::files::Files;

/// The kinds of targets. They differ in the dependencies that they see.
#[derive(Debug, PartialEq)]
pub(super) enum Target {
    /// The library and its unit tests. A documentation test looks the same.
    Library,
    /// A program and its unit tests.
    Program,
    /// A test, benchmark or example. It sees the dev-dependencies, also without `cfg(test)`.
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
            // The rest are examples. Cargo names them like programs, but not those that are libraries.
            Some(_) | None => Self::Development,
        }
    }
}

/// Returns `true` if one of the package's binaries has this name. An example with the same name counts as the binary,
/// because a binary that names a dev-dependency does not compile.
fn is_program(name: &str, unit: &Unit, manifest: &Value<'_>, files: &impl Files) -> bool {
    let sources = directory(&unit.manifest).join("src");
    let is_package =
        get(manifest, "package").and_then(|package| text(package, "name")) == Some(name);
    elements(manifest, "bin").any(|binary| text(binary, "name") == Some(name))
        || is_package && files.exists(&sources.join("main.rs"))
        || files.exists(&sources.join("bin").join(format!("{name}.rs")))
        || files.exists(&sources.join("bin").join(name).join("main.rs"))
}
