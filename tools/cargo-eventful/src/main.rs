//! `cargo eventful`: see `--help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    cargo_eventful::run(std::env::args_os())
}
