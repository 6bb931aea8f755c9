use std::io::BufReader;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use cargo_metadata::{Artifact, Message, PackageId};

use super::{Chosen, cargo};
use crate::failure::Failure;
use crate::options::ProgramOptions;

/// The files that a build has made.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) executable: PathBuf,
    /// Those of all dependencies.
    pub(crate) libraries: Vec<BuiltLibrary>,
    /// Everything that was compiled, and how.
    pub(crate) artifacts: Vec<Artifact>,
}

/// An `rlib`.
#[derive(Debug)]
pub(crate) struct BuiltLibrary {
    pub(crate) package: PackageId,
    pub(crate) path: PathBuf,
}

/// Builds a program. Cargo shows on standard error how far it is.
pub(crate) fn build(chosen: Chosen<'_>, options: &ProgramOptions) -> Result<Built, Failure> {
    build_with(chosen, options, &[])
}

/// Builds it into `directory` so that its libraries hold object code, as they do not if link-time optimization makes
/// it. What is conditional on the profile is as in the other build.
pub(crate) fn build_without_lto(
    chosen: Chosen<'_>,
    options: &ProgramOptions,
    directory: PathBuf,
) -> Result<Built, Failure> {
    let options = ProgramOptions {
        target_dir: Some(directory),
        ..options.clone()
    };
    // The rest is for speed; this build is never run.
    build_with(
        chosen,
        &options,
        &["lto=\"off\"", "opt-level=0", "debug=false"],
    )
}

/// `settings` are those of the profile.
fn build_with(
    chosen: Chosen<'_>,
    options: &ProgramOptions,
    settings: &[&str],
) -> Result<Built, Failure> {
    let mut command = cargo();
    command.args(["build", "--message-format=json-render-diagnostics"]);
    command
        .arg("--manifest-path")
        .arg(&chosen.package.manifest_path);
    command.args(["-p", &chosen.package.id.repr]);
    command.args([chosen.flag(), &chosen.target.name]);
    add_flags(&mut command, options);
    for setting in settings {
        let profile = options.profile_name();
        command.args(["--config", &format!("profile.{profile}.{setting}")]);
    }
    if let Some(directory) = &options.target_dir {
        command.arg("--target-dir").arg(directory);
    }
    let failed = |error| Failure::new(format!("cargo could not be run: {error}"));
    let mut process = command
        .stdout(Stdio::piped())
        .stdin(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let mut executable = None;
    let mut libraries = Vec::new();
    let mut artifacts = Vec::new();
    if let Some(messages) = process.stdout.take() {
        for message in Message::parse_stream(BufReader::new(messages)) {
            let Message::CompilerArtifact(artifact) = message.map_err(failed)? else {
                continue;
            };
            libraries.extend(library(&artifact));
            if artifact.package_id == chosen.package.id && artifact.target == *chosen.target {
                executable = artifact.executable.clone().map(PathBuf::from);
            }
            artifacts.push(artifact);
        }
    }
    if !process.wait().map_err(failed)?.success() {
        return Err(Failure::new(
            "the program cannot be built; cargo says why above, and `--binary PATH` reads one that is there already",
        ));
    }
    let Some(executable) = executable else {
        return Err(Failure::new(format!(
            "cargo has built `{}` and does not say where it is",
            chosen.target.name
        )));
    };
    Ok(Built {
        executable,
        libraries,
        artifacts,
    })
}

fn library(artifact: &Artifact) -> Option<BuiltLibrary> {
    let mut files = artifact.filenames.iter();
    let path = files.find(|path| path.extension() == Some("rlib"))?;
    Some(BuiltLibrary {
        package: artifact.package_id.clone(),
        path: path.into(),
    })
}

fn add_flags(command: &mut Command, options: &ProgramOptions) {
    let flags = [
        ("--all-features", options.all_features),
        ("--no-default-features", options.no_default_features),
        ("--locked", options.locked),
        ("--offline", options.offline),
        ("--frozen", options.frozen),
    ];
    for (flag, is_given) in flags {
        if is_given {
            command.arg(flag);
        }
    }
    command.args(["--profile", options.profile_name()]);
    if let Some(target) = &options.target {
        command.args(["--target", target]);
    }
    for features in &options.features {
        command.args(["--features", features]);
    }
}

impl ProgramOptions {
    pub(crate) fn profile_name(&self) -> &str {
        match &self.profile {
            Some(profile) => profile,
            None if self.release => "release",
            None => "dev",
        }
    }
}
