//! The program of a test, which the test starts once more.

use std::env;
use std::process::Command;

/// Returns a command that starts this program, under the emulator that `EVENTFUL_EMULATOR` names if it runs under one:
/// the system does not know that it needs it.
pub(crate) fn command() -> Command {
    let program = env::current_exe().expect("this test has a program");
    let Ok(emulator) = env::var("EVENTFUL_EMULATOR") else {
        return Command::new(program);
    };
    let mut words = emulator.split(' ');
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words).arg(program);
    command
}
