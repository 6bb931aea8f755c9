//! Handlers that are in the sources and are not compiled.

use std::collections::HashSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{Metadata, Package};

use crate::cargo::{Built, Chosen};
use crate::failure::Failure;
use crate::options::ProgramOptions;
use crate::sources::{ActiveCfg, Hidden, SourceItem, SourceKind, items, items_of_stray_files};

/// A handler that the compiler does not see.
pub(super) struct Uncompiled {
    pub(super) item: SourceItem,
    hidden: Hidden,
    workspace: PathBuf,
}

/// The handlers in the packages of the workspace that are part of the program, which are not compiled.
pub(super) fn uncompiled(
    metadata: &Metadata,
    chosen: Chosen<'_>,
    options: &ProgramOptions,
    built: &Built,
) -> Result<Vec<Uncompiled>, Failure> {
    let of_target = cfg_of_target(options)?;
    let mut found = Vec::new();
    for package in metadata.workspace_packages() {
        let mut compiled = built.artifacts.iter();
        let Some(artifact) = compiled.find(|artifact| artifact.package_id == package.id) else {
            continue;
        };
        let mut active = of_target.clone();
        active.set("debug_assertions", artifact.profile.debug_assertions);
        active.set("test", artifact.profile.test);
        for feature in &artifact.features {
            active.set_feature(feature);
        }
        found.extend(of_package(package, chosen, &active));
    }
    let workspace = metadata.workspace_root.as_std_path();
    let handlers = found
        .into_iter()
        .filter(|item| item.kind == SourceKind::Handler);
    Ok(handlers
        .filter_map(|item| {
            Some(Uncompiled {
                hidden: item.hidden.clone()?,
                item,
                workspace: workspace.to_owned(),
            })
        })
        .collect())
}

fn of_package(package: &Package, chosen: Chosen<'_>, active: &ActiveCfg) -> Vec<SourceItem> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut directory = None;
    for target in &package.targets {
        let root = target.src_path.as_std_path();
        let name = target.name.replace('-', "_");
        let of_target = items(root, &name, active, &mut seen);
        let is_library = target.is_lib() || target.is_rlib();
        if is_library || (package.id == chosen.package.id && *target == *chosen.target) {
            found.extend(of_target);
            // Elsewhere there are the programs, each on its own.
            directory = directory.or_else(|| root.parent().map(|parent| (parent.to_owned(), name)));
        }
    }
    if let Some((directory, name)) = directory
        && directory.ends_with("src")
    {
        found.extend(items_of_stray_files(&directory, &name, active, &mut seen));
    }
    found
}

/// The predicates that the compiler sets for the target.
fn cfg_of_target(options: &ProgramOptions) -> Result<ActiveCfg, Failure> {
    let mut command = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    command.args(["--print", "cfg"]);
    if let Some(target) = &options.target {
        command.args(["--target", target]);
    }
    let printed = command
        .output()
        .map_err(|error| Failure::new(format!("rustc could not be run: {error}")))?;
    Ok(ActiveCfg::new(&String::from_utf8_lossy(&printed.stdout)))
}

impl Uncompiled {
    pub(super) fn name(&self) -> String {
        let own = self.item.own_name.clone();
        own.unwrap_or_else(|| self.item.path())
    }

    pub(super) fn place(&self) -> String {
        self.shown(&self.item.place.file, self.item.place.line)
    }

    fn shown(&self, file: &Path, line: usize) -> String {
        let file = file.strip_prefix(&self.workspace).unwrap_or(file);
        format!("{}:{line}", file.display())
    }

    pub(super) fn explain(&self, output: &mut dyn Write) -> Result<(), Failure> {
        writeln!(output, "{} ({})", self.name(), self.place())?;
        writeln!(output, "  handles {}", self.item.subjects.join(", "))?;
        writeln!(output, "  is not called: it is not compiled")?;
        match &self.hidden {
            Hidden::Cfg { predicate, place } => writeln!(
                output,
                "  `cfg({predicate})` at {} is not true in this build",
                self.shown(&place.file, place.line)
            )?,
            Hidden::NoModule => writeln!(output, "  no `mod` names its file")?,
        }
        Ok(())
    }
}
