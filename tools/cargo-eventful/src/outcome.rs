//! The outcome of a command.

/// The outcome of a command that did not fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// All is well.
    Clean,
    /// There are findings or differences.
    Found,
}
