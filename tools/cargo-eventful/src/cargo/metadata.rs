use std::ffi::OsString;
use std::process::Command;

use cargo_metadata::{CargoOpt, Metadata, MetadataCommand};

use crate::failure::Failure;
use crate::options::ProgramOptions;

/// The cargo that has called this, if one has.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
}

/// The packages of the workspace, with the features that the options activate.
pub(crate) fn metadata(options: &ProgramOptions) -> Result<Metadata, Failure> {
    let mut command = MetadataCommand::new();
    if let Some(path) = &options.manifest_path {
        command.manifest_path(path);
    }
    if options.all_features {
        command.features(CargoOpt::AllFeatures);
    }
    if options.no_default_features {
        command.features(CargoOpt::NoDefaultFeatures);
    }
    if !options.features.is_empty() {
        command.features(CargoOpt::SomeFeatures(options.features.clone()));
    }
    let flags = [
        ("--locked", options.locked),
        ("--offline", options.offline),
        ("--frozen", options.frozen),
    ];
    let flags = flags.iter().filter(|(_, is_given)| *is_given);
    command.other_options(
        flags
            .map(|(flag, _)| (*flag).to_owned())
            .collect::<Vec<_>>(),
    );
    command.exec().map_err(|error| {
        let error = match error {
            cargo_metadata::Error::CargoMetadata { stderr } => stderr,
            other => other.to_string(),
        };
        let error = error.trim();
        let error = error.strip_prefix("error: ").unwrap_or(error);
        Failure::new(format!(
            "there is no workspace that cargo can read here: {error}\n\n\
             go to a package, name one with --manifest-path, or a built program with --binary"
        ))
    })
}
