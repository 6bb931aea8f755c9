//! What came of a publish, of a build and of an install.

mod cause;
mod failure;
mod publish_error;
mod refusal;
mod wiring_error;

pub use self::cause::Cause;
#[cfg(feature = "tracing")]
pub(crate) use self::failure::give_up;
pub(crate) use self::failure::{BoxError, Contained};
pub use self::failure::{Failure, HandlerResult, RawFailure};
pub use self::publish_error::PublishError;
pub(crate) use self::publish_error::Report;
pub use self::refusal::Refusal;
pub(crate) use self::wiring_error::FaultKind;
pub use self::wiring_error::{WiringError, WiringFault};

/// How many handlers a publish reached: a summary that costs nothing to make.
///
/// # Examples
///
/// ```
/// # use eventful_core as eventful;
/// use eventful::Delivered;
///
/// fn log(delivered: Delivered) -> String {
///     format!("{} handlers, {} skipped", delivered.handled(), delivered.skipped())
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    handled: u32,
    skipped: u32,
    cascaded: u32,
}

impl Delivered {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "an event has fewer than four billion handlers"
    )]
    pub(crate) const fn to(handled: usize) -> Self {
        Self {
            handled: handled as u32,
            skipped: 0,
            cascaded: 0,
        }
    }

    /// Takes off the handlers that a guard kept from running.
    pub(crate) const fn skipping(self, skipped: u32) -> Self {
        Self {
            handled: self.handled - skipped,
            skipped,
            ..self
        }
    }

    pub(crate) const fn cascading(self, cascaded: u32) -> Self {
        Self { cascaded, ..self }
    }

    /// How many handlers of this event ran, failed ones included; skipped and cascaded ones are not.
    #[must_use]
    pub const fn handled(self) -> usize {
        self.handled as usize
    }

    /// How many handlers of this event a guard kept from running.
    #[must_use]
    pub const fn skipped(self) -> usize {
        self.skipped as usize
    }

    /// How many events that handlers returned were published in the course of this publish.
    #[must_use]
    pub const fn cascaded(self) -> usize {
        self.cascaded as usize
    }
}
