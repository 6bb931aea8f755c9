//! What came of a publish, of a build and of an install.

mod failure;
mod publish_error;
mod wiring_error;

pub(crate) use self::failure::BoxError;
#[cfg(feature = "tracing")]
pub(crate) use self::failure::give_up;
pub use self::failure::{Failure, HandlerResult, RawFailure};
pub use self::publish_error::{Cause, PublishError, Refusal};
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

    /// How many handlers of this event ran, failed ones included; skipped and cascaded ones are not.
    #[must_use]
    pub const fn handled(self) -> usize {
        self.handled as usize
    }

    /// How many handlers a guard kept from running. Nothing guards a handler yet, so this is 0.
    #[must_use]
    pub const fn skipped(self) -> usize {
        self.skipped as usize
    }

    /// How many deliveries of events that handlers returned this publish caused. Handlers return none yet, so this is 0.
    #[must_use]
    pub const fn cascaded(self) -> usize {
        self.cascaded as usize
    }
}
