//! The program that the options mean, and what its records say.

use std::path::Path;

use cargo_metadata::Metadata;
use eventful_wiring::inspect::{Program, Record};

use crate::cargo::{self, Chosen};
use crate::failure::Failure;
use crate::object_file::{self, FileRecords};
use crate::options::ProgramOptions;

/// Builds the program if it has to, and reads its records.
pub(crate) fn program(options: &ProgramOptions) -> Result<Program, Failure> {
    if let Some(path) = &options.binary {
        return records_of(path).map(Program::new);
    }
    let metadata = cargo::metadata(options)?;
    let chosen = cargo::choose(&metadata, options)?;
    let built = cargo::build(chosen, options)?;
    records_of_built(&metadata, chosen, &built.executable).map(Program::new)
}

/// The records of a program that cargo has built. There may be none if it would leave some: it declares nothing.
pub(crate) fn records_of_built(
    metadata: &Metadata,
    chosen: Chosen<'_>,
    path: &Path,
) -> Result<Vec<Record>, Failure> {
    if cargo::leaves_records(metadata, chosen) {
        return Ok(object_file::read(path)?.records);
    }
    records_of(path)
}

/// The records of a file, of which there is at least one.
pub(crate) fn records_of(path: &Path) -> Result<Vec<Record>, Failure> {
    let FileRecords {
        records,
        has_bitcode,
    } = object_file::read(path)?;
    if records.is_empty() && has_bitcode {
        return Err(Failure::new(format!(
            "`{}` is a library of a build with LTO, in which only the compiler can read; name the program",
            path.display()
        )));
    }
    if records.is_empty() {
        return Err(Failure::new(format!(
            "`{}` has no records: it declares no event and no handler, its dependency on `eventful` is without the feature \
             `records`, or it was built with a version that did not leave any yet",
            path.display()
        )));
    }
    Ok(records)
}
