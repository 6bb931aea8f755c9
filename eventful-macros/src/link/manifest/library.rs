//! The library of a package.

use std::path::Path;

use toml_span::Value;

use super::document::{ManifestError, directory, elements, get, is, text};
use crate::link::files::Files;

/// The library target that a manifest declares, or that its files imply.
#[derive(Debug)]
pub(super) struct Library {
    /// The name of the crate, with underscores.
    pub(super) name: String,
    /// `false` for procedural macros, and if the only library is for C.
    pub(super) can_be_linked: bool,
}

impl Library {
    /// Reads the manifest. `None` means that the package has programs only.
    pub(super) fn of(
        manifest: &Value<'_>,
        path: &Path,
        files: &impl Files,
    ) -> Result<Option<Self>, ManifestError> {
        let package = get(manifest, "package")
            .ok_or_else(|| ManifestError::new(path, "it has no `[package]`"))?;
        let table = get(manifest, "lib");
        let is_found =
            !is(package, "autolib", false) && files.exists(&directory(path).join("src/lib.rs"));
        if table.is_none() && !is_found {
            return Ok(None);
        }
        let name = table
            .and_then(|table| text(table, "name"))
            .or_else(|| text(package, "name"))
            .ok_or_else(|| ManifestError::new(path, "its `[package]` has no `name`"))?;
        Ok(Some(Self {
            name: name.replace('-', "_"),
            can_be_linked: table.is_none_or(can_be_linked),
        }))
    }
}

fn can_be_linked(table: &Value<'_>) -> bool {
    let mut kinds = elements(table, "crate-type")
        .filter_map(Value::as_str)
        .peekable();
    let is_rust =
        kinds.peek().is_none() || kinds.any(|kind| matches!(kind, "lib" | "rlib" | "dylib"));
    is_rust && !is(table, "proc-macro", true)
}
