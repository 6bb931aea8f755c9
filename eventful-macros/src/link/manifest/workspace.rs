//! Dependencies that a package inherits from its workspace.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml_span::Value;

use super::document::{ManifestError, directory, entries, get, manifest_at, parse, read, text};
use super::location::Location;
use crate::link::files::Files;

/// The dependencies with a path that the workspace of the package at `path` declares.
pub(super) fn dependencies(
    manifest: &Value<'_>,
    path: &Path,
    files: &impl Files,
) -> Result<BTreeMap<String, Location>, ManifestError> {
    let root = root(manifest, path, files)?;
    let content = read(&root, files)?;
    let workspace = parse(&root, &content)?;
    let dependencies = get(&workspace, "workspace")
        .into_iter()
        .flat_map(|table| entries(table, "dependencies"));
    Ok(dependencies
        .filter_map(|(key, entry)| Some((key.to_owned(), Location::of(key, entry, &root)?)))
        .collect())
}

/// The manifest of the workspace: the one that `package.workspace` names, or else the nearest one at or above `path`
/// with a `[workspace]`.
fn root(manifest: &Value<'_>, path: &Path, files: &impl Files) -> Result<PathBuf, ManifestError> {
    if let Some(root) = get(manifest, "package").and_then(|package| text(package, "workspace")) {
        return Ok(manifest_at(path, root));
    }
    for directory in directory(path).ancestors() {
        let candidate = directory.join("Cargo.toml");
        if files.exists(&candidate)
            && get(&parse(&candidate, &read(&candidate, files)?)?, "workspace").is_some()
        {
            return Ok(candidate);
        }
    }
    Err(ManifestError::new(
        path,
        "it inherits dependencies, but no manifest above it has a `[workspace]`",
    ))
}
