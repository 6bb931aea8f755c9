//! A publish that did not go well.

use std::error::Error;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use super::{Delivered, Failure, WiringError};
use crate::handler::HandlerInfo;

/// A publish of which at least one handler failed, or that was refused.
///
/// All failures have been logged by the time it is returned; a publisher that has nothing to add says `.ok()`.
///
/// # Examples
///
/// ```
/// # use eventful_core as eventful;
/// use eventful::PublishError;
///
/// fn respond(error: &PublishError) -> String {
///     match error.refusal() {
///         Some(refusal) => format!("not delivered: {refusal}"),
///         None => format!("{} of {} failed", error.failures().len(), error.delivered().handled()),
///     }
/// }
/// ```
// An `Arc` for its drop, which is one test where it is written out and a call where there is an error. With a `Box`, every
// publish saved five registers for it.
pub struct PublishError(Arc<Contents>);

#[derive(Debug)]
struct Contents {
    event: &'static str,
    published_at: &'static Location<'static>,
    delivered: Delivered,
    failures: Vec<Failure>,
    /// How many handlers an event with `fail_fast` did not reach.
    not_run: usize,
    refusal: Option<Refusal>,
}

impl PublishError {
    pub(crate) fn failed(
        event: &'static str,
        published_at: &'static Location<'static>,
        delivered: Delivered,
        not_run: usize,
        failures: Vec<Failure>,
    ) -> Self {
        Self(Arc::new(Contents {
            event,
            published_at,
            delivered,
            failures,
            not_run,
            refusal: None,
        }))
    }

    pub(crate) fn refused(
        event: &'static str,
        published_at: &'static Location<'static>,
        refusal: Refusal,
    ) -> Self {
        let delivered = Delivered::default();
        Self(Arc::new(Contents {
            event,
            published_at,
            delivered,
            failures: Vec::new(),
            not_run: 0,
            refusal: Some(refusal),
        }))
    }

    /// The name of the event.
    #[must_use]
    pub fn event(&self) -> &str {
        self.0.event
    }

    /// The line that published the event.
    #[must_use]
    pub fn published_at(&self) -> &'static Location<'static> {
        self.0.published_at
    }

    /// Every failure, in the order in which the handlers ran. Empty if the publish was refused.
    #[must_use]
    pub fn failures(&self) -> &[Failure] {
        &self.0.failures
    }

    /// Every failure, by value: an error or a panic's payload can be taken out.
    #[must_use]
    pub fn into_failures(self) -> Vec<Failure> {
        Arc::into_inner(self.0).map_or_else(Vec::new, |contents| contents.failures)
    }

    /// What was delivered all the same; failed handlers are counted as handled.
    #[must_use]
    pub fn delivered(&self) -> Delivered {
        self.0.delivered
    }

    /// Why the event was not delivered; none if handlers failed.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        self.0.refusal.as_ref()
    }
}

impl PublishError {
    /// The first line of the error's text.
    pub(super) fn summary(&self) -> String {
        let Contents {
            event,
            published_at,
            delivered,
            failures,
            not_run,
            refusal,
        } = &*self.0;
        if let Some(refusal) = refusal {
            let refusal = refusal.to_string();
            let reason = refusal.lines().next().unwrap_or_default();
            return format!("`{event}`, published at {published_at}, was not delivered: {reason}");
        }
        let (failed, handled) = (failures.len(), delivered.handled());
        let rest = if *not_run > 0 {
            format!(", and {not_run} did not run")
        } else {
            String::new()
        };
        format!(
            "{failed} of {handled} handlers of `{event}`, published at {published_at}, failed{rest}"
        )
    }
}

impl fmt::Display for PublishError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Contents {
            event,
            published_at,
            failures,
            refusal,
            ..
        } = &*self.0;
        if let Some(refusal) = refusal {
            return write!(
                formatter,
                "`{event}`, published at {published_at}, was not delivered: {refusal}"
            );
        }
        formatter.write_str(&self.summary())?;
        for failure in failures {
            write!(formatter, "\n  {failure}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for PublishError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PublishError")
            .field("event", &self.0.event)
            .field("published_at", &format_args!("{}", self.0.published_at))
            .field("delivered", &self.0.delivered)
            .field("failures", &self.0.failures)
            .field("refusal", &self.0.refusal)
            .finish()
    }
}

/// There is no `source`: failures are many, and [`PublishError::failures`] has each with its own chain.
impl Error for PublishError {}

/// Why a publish was refused; nothing was delivered.
#[derive(Clone, Debug)]
pub struct Refusal(Reason);

#[derive(Clone, Debug)]
enum Reason {
    Wiring { error: WiringError },
    NestingLimit { limit: u32, chain: Vec<Cause> },
    Unregistered,
}

impl Refusal {
    pub(crate) fn wrong_wiring(error: WiringError) -> Self {
        Self(Reason::Wiring { error })
    }

    /// `chain` from the innermost delivery outwards.
    pub(crate) fn nesting_limit(limit: u32, chain: Vec<Cause>) -> Self {
        Self(Reason::NestingLimit { limit, chain })
    }

    pub(crate) fn unregistered() -> Self {
        Self(Reason::Unregistered)
    }

    /// What is wrong with the default bus that this publish would have built; none if the reason is another.
    #[must_use]
    pub fn wiring(&self) -> Option<&WiringError> {
        match &self.0 {
            Reason::Wiring { error } => Some(error),
            _ => None,
        }
    }

    /// Whether handlers that publish, whose handlers publish, and so on, reached the bus's limit.
    #[must_use]
    pub const fn is_nesting_limit(&self) -> bool {
        matches!(self.0, Reason::NestingLimit { .. })
    }

    /// The deliveries around a publish that reached the nesting limit, from the innermost outwards; else empty.
    #[must_use]
    pub fn chain(&self) -> &[Cause] {
        match &self.0 {
            Reason::NestingLimit { chain, .. } => chain,
            _ => &[],
        }
    }

    /// Whether the event was declared but is not in the registry, which then belongs to another part of the program.
    #[must_use]
    pub const fn is_unregistered(&self) -> bool {
        matches!(self.0, Reason::Unregistered)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Reason::Wiring { error } => write!(
                formatter,
                "no bus is installed, and the default one, which has no resources, cannot be used: {error}\n\
                 call `Bus::builder().provide(…).build()?.install()?` before the first publish"
            ),
            Reason::NestingLimit { limit, chain } => {
                write!(formatter, "handlers that publish are nested {limit} deep, which is the limit of this bus")?;
                let mut seen: Vec<&Cause> = Vec::new();
                for cause in chain {
                    if seen.iter().any(|earlier| earlier.is_same_step(cause)) {
                        write!(formatter, "\n  … and so on, {} steps in all", chain.len())?;
                        break;
                    }
                    write!(formatter, "\n  by {cause}")?;
                    seen.push(cause);
                }
                Ok(())
            }
            Reason::Unregistered => formatter.write_str(
                "it is declared but not in the registry, which belongs to another part of the program: the registry in a \
                 Rust dylib has only what was linked into the dylib; link the crates as ordinary `rlib`s",
            ),
        }
    }
}

/// What made a publish happen: a handler, and the event that it was handling.
#[derive(Clone, Copy)]
pub struct Cause {
    handler: HandlerInfo,
    event: &'static str,
    published_at: &'static Location<'static>,
}

impl Cause {
    pub(crate) const fn new(
        handler: HandlerInfo,
        event: &'static str,
        published_at: &'static Location<'static>,
    ) -> Self {
        Self {
            handler,
            event,
            published_at,
        }
    }

    /// The handler that published.
    #[must_use]
    pub const fn handler(&self) -> &HandlerInfo {
        &self.handler
    }

    /// The name of the event that it was handling.
    #[must_use]
    pub const fn event(&self) -> &'static str {
        self.event
    }

    /// The line that published the event that it was handling.
    #[must_use]
    pub const fn published_at(&self) -> &'static Location<'static> {
        self.published_at
    }

    fn is_same_step(&self, other: &Self) -> bool {
        self.handler == other.handler && self.event == other.event
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            handler,
            event,
            published_at,
        } = self;
        write!(
            formatter,
            "{handler} on `{event}`, published at {published_at}"
        )
    }
}

impl fmt::Debug for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Cause({self})")
    }
}
