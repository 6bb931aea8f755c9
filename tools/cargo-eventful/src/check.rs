//! `cargo eventful check`: the handlers that are not linked, and the faults of the wiring.

mod finding;
mod report;

use std::io::Write;

use eventful_wiring::inspect::Program;

use self::finding::{Finding, cycles, heard_by_families};
use self::report::{report, unresolved};
use crate::cargo;
use crate::failure::Failure;
use crate::linked::Linked;
use crate::object_file;
use crate::options::{CheckOptions, ProgramOptions};
use crate::outcome::Outcome;
use crate::program;

pub(crate) fn run(options: &CheckOptions, output: &mut dyn Write) -> Result<Outcome, Failure> {
    let Checked {
        program,
        mut findings,
        workspace,
    } = checked(&options.program)?;
    findings.extend(program.faults().iter().map(Finding::of_fault));
    findings.extend(heard_by_families(program.wiring()));
    if !options.allow_cycles {
        findings.extend(cycles(program.wiring()));
    }
    if let Some(path) = &options.wiring {
        findings.extend(Finding::of_difference(program.wiring(), path)?);
    }
    findings.sort_by(|first, second| first.place().cmp(&second.place()));
    output
        .write_all(report(options.format, &program, &findings, workspace.as_deref())?.as_bytes())?;
    // No finding: the program itself knows the target.
    for note in unresolved(&program) {
        anstream::eprintln!("note: {note}");
    }
    Ok(if findings.is_empty() {
        Outcome::Clean
    } else {
        Outcome::Found
    })
}

struct Checked {
    program: Program,
    /// The crates that are not linked.
    findings: Vec<Finding>,
    /// The folder that the files are relative to.
    workspace: Option<std::path::PathBuf>,
}

fn checked(options: &ProgramOptions) -> Result<Checked, Failure> {
    if let Some(path) = &options.binary {
        anstream::eprintln!(
            "note: a file does not tell what could have been linked with it; only what is in it is checked"
        );
        return Ok(Checked {
            program: Program::new(program::records_of(path)?),
            findings: Vec::new(),
            workspace: None,
        });
    }
    let metadata = cargo::metadata(options)?;
    let chosen = cargo::choose(&metadata, options)?;
    let built = cargo::build(chosen, options)?;
    // It may have none because nothing is linked.
    let program = Program::new(object_file::read(&built.executable)?.records);
    let linked = Linked::new(&metadata, chosen, options, &built, &program)?;
    let left_out = linked.crates().iter().filter(|it| !it.missing.is_empty());
    let findings: Vec<_> = left_out.map(|it| Finding::of_crate(it, &linked)).collect();
    if program.records().is_empty() && findings.is_empty() {
        let _nothing = program::records_of_built(&metadata, chosen, &built.executable)?;
    }
    Ok(Checked {
        program,
        findings,
        workspace: Some(metadata.workspace_root.into()),
    })
}
