//! Manifests as text and as values, and their error.

use std::fmt;
use std::path::{Component, Path, PathBuf};

use toml_span::Value;

use crate::link::files::Files;

/// A manifest that cannot be used.
#[derive(Debug)]
pub(in crate::link) struct ManifestError {
    path: PathBuf,
    reason: String,
}

impl ManifestError {
    pub(super) fn new(path: &Path, reason: impl fmt::Display) -> Self {
        Self {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, reason } = self;
        let path = path.display();
        write!(
            formatter,
            "`link!()` cannot use `{path}`: {reason}; name the crates instead: `link!(billing, shipping)`"
        )
    }
}

/// Lets `?` turn one error into a list of errors.
impl From<ManifestError> for Vec<ManifestError> {
    fn from(error: ManifestError) -> Self {
        vec![error]
    }
}

pub(super) fn read(path: &Path, files: &impl Files) -> Result<String, ManifestError> {
    files
        .read(path)
        .map_err(|error| ManifestError::new(path, error))
}

pub(super) fn parse<'text>(path: &Path, text: &'text str) -> Result<Value<'text>, ManifestError> {
    toml_span::parse(text).map_err(|error| {
        let line = text
            .bytes()
            .take(error.span.start)
            .filter(|byte| *byte == b'\n')
            .count()
            + 1;
        ManifestError::new(path, format!("line {line}: {error}"))
    })
}

/// The value of a key. Like cargo, this accepts the older spelling of keys, `dev_dependencies`.
pub(super) fn get<'value, 'text>(
    value: &'value Value<'text>,
    key: &str,
) -> Option<&'value Value<'text>> {
    let table = value.as_table()?;
    table
        .get(key)
        .or_else(|| table.get(key.replace('-', "_").as_str()))
}

pub(super) fn text<'value>(value: &'value Value<'_>, key: &str) -> Option<&'value str> {
    get(value, key)?.as_str()
}

/// Returns `true` if the key is there and its value is `expected`.
pub(super) fn is(value: &Value<'_>, key: &str, expected: bool) -> bool {
    get(value, key).and_then(Value::as_bool) == Some(expected)
}

/// The entries of the table under a key. No table has no entries.
pub(super) fn entries<'value, 'text>(
    value: &'value Value<'text>,
    key: &str,
) -> impl Iterator<Item = (&'value str, &'value Value<'text>)> {
    let table = get(value, key).and_then(Value::as_table);
    table
        .into_iter()
        .flatten()
        .map(|(key, value)| (&*key.name, value))
}

/// The elements of the array under a key. No array has no elements.
pub(super) fn elements<'value, 'text>(
    value: &'value Value<'text>,
    key: &str,
) -> impl Iterator<Item = &'value Value<'text>> {
    get(value, key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// The manifest in the directory `path`, relative to the directory of `manifest`.
///
/// Like cargo, this resolves `..` in the text of the path, so that the same manifest always has the same path.
pub(super) fn manifest_at(manifest: &Path, path: &str) -> PathBuf {
    let mut resolved = PathBuf::new();
    for component in directory(manifest)
        .join(path)
        .join("Cargo.toml")
        .components()
    {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                resolved.pop();
            }
            component => resolved.push(component),
        }
    }
    resolved
}

pub(super) fn directory(manifest: &Path) -> &Path {
    manifest.parent().unwrap_or(manifest)
}
