//! From the arguments to the exit status.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Effects};
use clap::Parser;

use crate::check;
use crate::diff;
use crate::explain;
use crate::failure::Failure;
use crate::graph;
use crate::list;
use crate::options::{Command, Options};
use crate::outcome::Outcome;

/// Runs the command that the arguments name, of which the first is the program's own name. Returns the status of the
/// process: 0 if all is well, 1 if there are findings or differences, 2 if the command failed.
///
/// Cargo calls `cargo-eventful eventful …` for `cargo eventful …`; both calls are the same.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let options = Options::parse_from(without_cargo(arguments));
    let color = match options.color {
        clap::ColorChoice::Auto => ColorChoice::Auto,
        clap::ColorChoice::Always => ColorChoice::Always,
        clap::ColorChoice::Never => ColorChoice::Never,
    };
    color.write_global();
    let mut output = AutoStream::new(io::stdout().lock(), color_of(color));
    let outcome = dispatch(&options.command, &mut output)
        .and_then(|outcome| output.flush().map(|()| outcome).map_err(Failure::from));
    match outcome {
        Ok(Outcome::Clean) | Err(Failure::NobodyReads) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(1),
        Err(failure) => {
            let red = AnsiColor::Red.on_default().effects(Effects::BOLD);
            anstream::eprintln!("{red}error{red:#}: {failure}");
            ExitCode::from(2)
        }
    }
}

fn dispatch(command: &Command, output: &mut dyn Write) -> Result<Outcome, Failure> {
    match command {
        Command::List(options) => list::run(options, output),
        Command::Graph(options) => graph::run(options, output),
        Command::Check(options) => check::run(options, output),
        Command::Explain(options) => explain::run(options, output),
        Command::Diff(options) => diff::run(options, output),
    }
}

/// The choice that `auto` stands for on the standard output.
fn color_of(color: ColorChoice) -> ColorChoice {
    match color {
        ColorChoice::Auto => AutoStream::choice(&io::stdout()),
        chosen => chosen,
    }
}

fn without_cargo(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments
        .get(1)
        .is_some_and(|argument| argument == "eventful")
    {
        arguments.remove(1);
    }
    arguments
}
