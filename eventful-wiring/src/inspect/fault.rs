//! Faults of a program.

use std::fmt;

use crate::WiredPosition;
use crate::resolve::Fault as Resolved;
pub use crate::resolve::FaultKind;

/// A fault of a program, whatever its buses provide. `Display` says what is wrong and what to write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    kind: FaultKind,
    position: WiredPosition,
    message: String,
}

impl Fault {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> FaultKind {
        self.kind
    }

    /// The position at which it is to be mended.
    #[must_use]
    pub const fn position(&self) -> &WiredPosition {
        &self.position
    }
}

impl From<&Resolved<'_>> for Fault {
    fn from(fault: &Resolved<'_>) -> Self {
        Self {
            kind: fault.kind(),
            position: fault.position().owned(),
            message: fault.to_string(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}
