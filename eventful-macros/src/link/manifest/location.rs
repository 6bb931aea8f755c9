//! The place of a package that a dependency points to.

use std::path::{Path, PathBuf};

use toml_span::Value;

use super::document::{manifest_at, text};

/// The manifest of a package, and the name that the depending package gives its library.
#[derive(Debug, Clone)]
pub(super) struct Location {
    pub(super) manifest: PathBuf,
    pub(super) rename: Option<String>,
}

impl Location {
    /// Reads one entry of a table of dependencies in `manifest`. `None` means that it has no path.
    pub(super) fn of(key: &str, entry: &Value<'_>, manifest: &Path) -> Option<Self> {
        let rename = text(entry, "package").map(|_| key.replace('-', "_"));
        text(entry, "path").map(|path| Self {
            manifest: manifest_at(manifest, path),
            rename,
        })
    }
}
