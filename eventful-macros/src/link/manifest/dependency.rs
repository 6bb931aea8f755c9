//! The dependencies of a package that have a path, with the conditions of each.

use std::collections::BTreeMap;
use std::path::PathBuf;

use proc_macro2::TokenStream;
use quote::quote;
use toml_span::Value;

use super::cfg::Cfg;
use super::document::{ManifestError, entries, is};
use super::location::Location;
use super::target::Target;
use super::workspace;
use crate::link::cargo::Unit;
use crate::link::files::Files;

/// A dependency that has a path.
#[derive(Debug)]
pub(super) struct Dependency {
    pub(super) manifest: PathBuf,
    /// The entry's key, if the entry has `package = "…"`. It is then the name of the crate, and the library's name is
    /// not.
    pub(super) rename: Option<String>,
    pub(super) cfg: Cfg,
}

/// All dependencies with a path that a crate of the kind `target` can name. One in several tables is returned several
/// times.
pub(super) fn with_path(
    manifest: &Value<'_>,
    unit: &Unit,
    target: &Target,
    files: &impl Files,
) -> Result<Vec<Dependency>, ManifestError> {
    let entries = all_entries(manifest, unit, target)?;
    let inherited = if entries
        .iter()
        .any(|(_, entry, _)| is(entry, "workspace", true))
    {
        workspace::dependencies(manifest, &unit.manifest, files)?
    } else {
        BTreeMap::new()
    };
    let dependencies = entries.into_iter().filter_map(|(key, entry, cfg)| {
        let location = if is(entry, "workspace", true) {
            inherited.get(key).cloned()
        } else {
            Location::of(key, entry, &unit.manifest)
        };
        let Location {
            manifest: path,
            rename,
        } = location?;
        let cfg = if is(entry, "optional", true) {
            cfg.and(&activation(manifest, key))
        } else {
            cfg
        };
        Some(Dependency {
            manifest: path,
            rename,
            cfg,
        })
    });
    Ok(dependencies.collect())
}

/// The entries of all tables of dependencies, each with the condition of its table.
fn all_entries<'value, 'text>(
    manifest: &'value Value<'text>,
    unit: &Unit,
    target: &Target,
) -> Result<Vec<(&'value str, &'value Value<'text>, Cfg)>, ManifestError> {
    let mut places = vec![(manifest, Cfg::always())];
    for (platform, place) in entries(manifest, "target") {
        if let Some(predicate) = platform
            .trim()
            .strip_prefix("cfg(")
            .and_then(|rest| rest.strip_suffix(')'))
        {
            let predicate = predicate.parse::<TokenStream>().map_err(|error| {
                ManifestError::new(
                    &unit.manifest,
                    format!("`target.'{platform}'` is not a condition: {error}"),
                )
            })?;
            places.push((place, Cfg::when(predicate)));
        }
    }
    let for_tests = match target {
        Target::Library | Target::Program => Cfg::when(quote!(test)),
        Target::Development => Cfg::always(),
    };
    let mut all = Vec::new();
    for (place, cfg) in places {
        let for_tests = cfg.clone().and(&for_tests);
        all.extend(entries(place, "dependencies").map(|(key, entry)| (key, entry, cfg.clone())));
        all.extend(
            entries(place, "dev-dependencies").map(|(key, entry)| (key, entry, for_tests.clone())),
        );
    }
    Ok(all)
}

/// The features that enable an optional dependency. Those that name it themselves are enough: Cargo also sets the `cfg`
/// of a feature that another feature enables.
fn activation(manifest: &Value<'_>, key: &str) -> Cfg {
    let mut features = Vec::new();
    let mut has_own_feature = true;
    for (feature, values) in entries(manifest, "features") {
        let mut activates = false;
        for value in values
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            let is_named = value.strip_prefix("dep:") == Some(key);
            has_own_feature &= !is_named;
            // `key?/feature` does not enable the dependency, and does not match: the name before the slash differs.
            activates |= is_named || value.split_once('/').is_some_and(|(name, _)| name == key);
        }
        if activates {
            features.push(feature);
        }
    }
    if has_own_feature {
        features.push(key);
    }
    let mut cfg = Cfg::never();
    for feature in features {
        cfg.or(Cfg::when(quote!(feature = #feature)));
    }
    cfg
}
