//! Finds the crates that a manifest asks for, with the conditions of each.
//!
//! A library names its dependencies. The other targets of its package name the library alone, and so link the same
//! handlers. Where there is no library, each target names the dependencies.
//!
//! Left out on purpose: dependencies without a path, because the name of their library is unknown here; build
//! dependencies, which no program links; dependencies without a library that can be linked, and procedural macros,
//! which have no handlers; and dependencies under `[target.<triple>]`, because a macro does not know the triple and no
//! `cfg` compares with it. Users can name those with a library: `link!(name)`, under a `#[cfg]` where needed.

mod cfg;
mod dependency;
mod document;
mod library;
mod location;
mod target;
#[cfg(test)]
mod tests;
mod workspace;

use std::collections::BTreeMap;

use proc_macro2::Ident;
use toml_span::Value;

use super::cargo::Unit;
use super::files::Files;
use cfg::Cfg;
use dependency::Dependency;
use document::ManifestError;
use library::Library;
use target::Target;

/// A crate to name.
#[derive(Debug)]
pub(super) struct LinkedCrate {
    pub(super) name: Ident,
    pub(super) cfg: Cfg,
}

impl LinkedCrate {
    /// A crate without conditions.
    pub(super) fn always(name: Ident) -> Self {
        Self {
            name,
            cfg: Cfg::always(),
        }
    }
}

/// Returns the crates that `unit` has to name, each once, or all mistakes in the manifests.
pub(super) fn linked_crates(
    unit: &Unit,
    files: &impl Files,
) -> Result<Vec<LinkedCrate>, Vec<ManifestError>> {
    let text = document::read(&unit.manifest, files)?;
    let manifest = document::parse(&unit.manifest, &text)?;
    let own = Library::of(&manifest, &unit.manifest, files)?;
    let target = Target::of(unit, &manifest, own.as_ref(), files);

    // The library links the handler crates. A test that names them too would pass where the library has forgotten one.
    let library = own.filter(|library| library.can_be_linked && target != Target::Library);
    let mut errors = Vec::new();
    let crates = match library {
        Some(library) => BTreeMap::from([(library.name, Cfg::always())]),
        None => dependencies(&manifest, unit, &target, files, &mut errors)?,
    };

    let mut linked = Vec::new();
    for (name, cfg) in crates {
        match syn::parse_str(&name) {
            Ok(name) => linked.push(LinkedCrate { name, cfg }),
            Err(_) => {
                errors.push(ManifestError::new(
                    &unit.manifest,
                    format!("`{name}` cannot be the name of a crate"),
                ));
            }
        }
    }
    if errors.is_empty() {
        Ok(linked)
    } else {
        Err(errors)
    }
}

/// The libraries of the dependencies that have a path, with the condition of each.
fn dependencies(
    manifest: &Value<'_>,
    unit: &Unit,
    target: &Target,
    files: &impl Files,
    errors: &mut Vec<ManifestError>,
) -> Result<BTreeMap<String, Cfg>, ManifestError> {
    let mut crates = BTreeMap::new();
    for dependency in dependency::with_path(manifest, unit, target, files)? {
        // A package may depend on itself to be tested with other features. The copy would have every handler twice.
        if dependency.manifest == unit.manifest {
            continue;
        }
        match dependency.library(files) {
            Ok(Some(name)) => crates
                .entry(name)
                .or_insert_with(Cfg::never)
                .or(dependency.cfg),
            Ok(None) => {}
            Err(error) => errors.push(error),
        }
    }
    Ok(crates)
}

impl Dependency {
    /// The library's name in the depending crate, if there is a library that can be linked.
    fn library(&self, files: &impl Files) -> Result<Option<String>, ManifestError> {
        let text = document::read(&self.manifest, files)?;
        let manifest = document::parse(&self.manifest, &text)?;
        let library =
            Library::of(&manifest, &self.manifest, files)?.filter(|library| library.can_be_linked);
        Ok(library.map(|library| self.rename.clone().unwrap_or(library.name)))
    }
}
