//! The choice of the program.

use cargo_metadata::{Metadata, Package, Target, TargetKind};

use crate::failure::Failure;
use crate::options::ProgramOptions;

/// A program of a workspace.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chosen<'a> {
    pub(crate) package: &'a Package,
    pub(crate) target: &'a Target,
}

impl Chosen<'_> {
    /// The flag that names a target of its kind.
    pub(crate) fn flag(&self) -> &'static str {
        flag_of(self.target).unwrap_or("--bin")
    }
}

/// The one that the options name, or the only one.
pub(crate) fn choose<'a>(
    metadata: &'a Metadata,
    options: &ProgramOptions,
) -> Result<Chosen<'a>, Failure> {
    let packages = packages(metadata, options)?;
    let (flag, name) = match (&options.bin, &options.example, &options.test) {
        (Some(name), ..) => ("--bin", Some(name)),
        (_, Some(name), _) => ("--example", Some(name)),
        (.., Some(name)) => ("--test", Some(name)),
        _ => ("--bin", None),
    };
    let all = programs_of(&packages);
    let mut candidates: Vec<Chosen<'a>> = all
        .iter()
        .copied()
        .filter(|chosen| flag_of(chosen.target) == Some(flag))
        .filter(|chosen| name.is_none_or(|name| chosen.target.name == *name))
        .collect();
    if name.is_none()
        && let [package] = packages[..]
        && let Some(default) = &package.default_run
    {
        candidates.retain(|chosen| chosen.target.name == *default);
    }
    match (&candidates[..], name) {
        ([only], _) => Ok(*only),
        ([], Some(name)) => Err(Failure::new(format!(
            "there is no `{flag} {name}` in {}{}",
            names(&packages),
            list("; there are:", &all, &packages)
        ))),
        ([], None) => {
            let mut programs = all;
            let members = metadata.workspace_packages();
            for program in programs_of(&members) {
                if flag_of(program.target) == Some("--bin") {
                    programs.push(program);
                }
            }
            let cure = if programs.is_empty() {
                ", nor elsewhere in the workspace".to_owned()
            } else {
                list("; choose one of these:", &programs, &members)
            };
            let message = format!("there is no program in {}{cure}", names(&packages));
            Err(Failure::new(message))
        }
        (several, _) => Err(Failure::new(format!(
            "{} programs may be meant{}",
            several.len(),
            list("; choose one of these:", several, &packages)
        ))),
    }
}

/// All programs, examples and tests of the packages.
fn programs_of<'a>(packages: &[&'a Package]) -> Vec<Chosen<'a>> {
    let targets = packages.iter().flat_map(|&package| {
        let targets = package.targets.iter();
        targets.map(move |target| Chosen { package, target })
    });
    targets
        .filter(|chosen| flag_of(chosen.target).is_some())
        .collect()
}

/// The packages that the options name, or those that cargo would build here.
fn packages<'a>(
    metadata: &'a Metadata,
    options: &ProgramOptions,
) -> Result<Vec<&'a Package>, Failure> {
    let members = metadata.workspace_packages();
    if let Some(spec) = &options.package {
        let named = members.iter().copied().find(|package| {
            let (name, version) = spec.split_once('@').unwrap_or((spec, ""));
            *package.name == *name && (version.is_empty() || package.version.to_string() == version)
                || package.id.repr == *spec
        });
        return named.map(|package| vec![package]).ok_or_else(|| {
            Failure::new(format!(
                "there is no package `{spec}` in the workspace {}; it has {}",
                metadata.workspace_root,
                names(&members)
            ))
        });
    }
    Ok(match metadata.root_package() {
        Some(package) if package.manifest_path.parent() != Some(&*metadata.workspace_root) => {
            vec![package]
        }
        root => {
            let defaults = if metadata.workspace_default_members.is_available() {
                metadata.workspace_default_packages()
            } else {
                Vec::new()
            };
            match root {
                Some(package) if defaults.is_empty() => vec![package],
                None if defaults.is_empty() => members,
                _ => defaults,
            }
        }
    })
}

fn flag_of(target: &Target) -> Option<&'static str> {
    target.kind.iter().find_map(|kind| match kind {
        TargetKind::Bin => Some("--bin"),
        TargetKind::Example => Some("--example"),
        TargetKind::Test => Some("--test"),
        _ => None,
    })
}

fn names(packages: &[&Package]) -> String {
    let names: Vec<String> = packages
        .iter()
        .map(|package| format!("`{}`", package.name))
        .collect();
    names.join(", ")
}

/// The flags for each program, a line each; nothing if there are none.
fn list(introduction: &str, programs: &[Chosen<'_>], packages: &[&Package]) -> String {
    if programs.is_empty() {
        return String::new();
    }
    let lines = programs.iter().map(|chosen| {
        let package = match packages {
            [_] => String::new(),
            _ => format!("-p {} ", chosen.package.name),
        };
        format!("\n  {package}{} {}", chosen.flag(), chosen.target.name)
    });
    format!("{introduction}{}", lines.collect::<String>())
}
