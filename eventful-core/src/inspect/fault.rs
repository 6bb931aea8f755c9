use std::fmt;

use super::record::HandlerRecord;
use crate::wiring::WiredPosition;

/// Something that is wrong with a program, whatever its buses provide. `Display` names everything and what to write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    kind: FaultKind,
    position: WiredPosition,
    message: String,
}

/// What is wrong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum FaultKind {
    /// Handlers of an event each run after the next, in a circle.
    Cycle,
    /// `after` or `before` says the opposite of `order`.
    AgainstOrder,
    /// `after` or `before` names what is no handler of the event.
    TargetMissing,
    /// An event has not as many handlers as it says.
    ContractBroken,
    /// Two handlers of an event have one id, which was chosen.
    SharedId,
    /// Two events have one name, which was chosen.
    SharedName,
}

impl Fault {
    pub(super) fn new(kind: FaultKind, position: &WiredPosition, message: String) -> Self {
        Self {
            kind,
            position: position.clone(),
            message,
        }
    }

    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> FaultKind {
        self.kind
    }

    /// Where it is to be mended.
    #[must_use]
    pub const fn position(&self) -> &WiredPosition {
        &self.position
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// `shop::cache::update (src/cache.rs:12:4)`.
pub(super) fn named(handler: &HandlerRecord) -> String {
    format!("{} ({})", handler.id(), handler.position)
}

/// [`named`], with commas between them.
#[expect(
    single_use_lifetimes,
    reason = "an anonymous lifetime in `impl Trait` is not stable"
)]
pub(super) fn joined<'a>(handlers: impl Iterator<Item = &'a HandlerRecord>) -> String {
    handlers.map(named).collect::<Vec<_>>().join(", ")
}
