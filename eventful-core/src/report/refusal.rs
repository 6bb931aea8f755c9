//! A publish that was not delivered, or not to the end.

use std::fmt;

use super::wiring_error::BEFORE_MAIN;
use super::{Cause, WiringError};

/// The reason why a publish was refused: the bus delivered nothing, or stopped before the end.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, event, handler};
///
/// #[event]
/// struct OrderCreated;
///
/// #[handler(OrderCreated)]
/// fn create_again(_: &OrderCreated) -> OrderCreated {
///     OrderCreated
/// }
///
/// let bus = Bus::isolated().with(create_again).cascade_limit(10).build()?;
/// let error = bus.publish(&OrderCreated).unwrap_err();
/// let refusal = error.refusal().unwrap();
/// assert!(refusal.is_cascade_limit());
/// assert!(refusal.chain()[0].handler().id().ends_with("create_again"));
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Clone)]
pub struct Refusal(Box<Reason>);

#[derive(Clone)]
enum Reason {
    Wiring {
        error: WiringError,
    },
    Instantiation {
        event: &'static str,
        error: WiringError,
    },
    NestingLimit {
        limit: u32,
        chain: Vec<Cause>,
    },
    CascadeLimit {
        limit: u32,
        event: &'static str,
        chain: Vec<Cause>,
    },
    Unregistered,
    Cancelled,
    RegistryTooEarly,
}

impl Refusal {
    pub(crate) fn wrong_wiring(error: WiringError) -> Self {
        Self(Box::new(Reason::Wiring { error }))
    }

    /// Refuses an instantiation of a generic event, when it is published for the first time.
    pub(crate) fn wrong_instantiation(event: &'static str, error: WiringError) -> Self {
        Self(Box::new(Reason::Instantiation { event, error }))
    }

    /// `chain` from the innermost delivery outwards.
    pub(crate) fn nesting_limit(limit: u32, chain: Vec<Cause>) -> Self {
        Self(Box::new(Reason::NestingLimit { limit, chain }))
    }

    /// `event` is the one that was not delivered; `chain` begins with the handler that returned it.
    pub(crate) fn cascade_limit(limit: u32, event: &'static str, chain: Vec<Cause>) -> Self {
        Self(Box::new(Reason::CascadeLimit {
            limit,
            event,
            chain,
        }))
    }

    pub(crate) fn unregistered() -> Self {
        Self(Box::new(Reason::Unregistered))
    }

    pub(crate) fn cancelled() -> Self {
        Self(Box::new(Reason::Cancelled))
    }

    pub(crate) fn registry_too_early() -> Self {
        Self(Box::new(Reason::RegistryTooEarly))
    }

    /// Returns the faults of the default bus that this publish would have built, or of the handlers of a generic
    /// event's instantiation that was published for the first time; `None` if the reason is another.
    #[must_use]
    pub fn wiring(&self) -> Option<&WiringError> {
        match &*self.0 {
            Reason::Wiring { error } | Reason::Instantiation { error, .. } => Some(error),
            _ => None,
        }
    }

    /// Returns true if handlers that publish, whose handlers publish, and so on, reached the bus's limit.
    #[must_use]
    pub const fn is_nesting_limit(&self) -> bool {
        matches!(*self.0, Reason::NestingLimit { .. })
    }

    /// Returns true if events that handlers returned, whose handlers returned events, and so on, reached the bus's
    /// limit.
    #[must_use]
    pub const fn is_cascade_limit(&self) -> bool {
        matches!(*self.0, Reason::CascadeLimit { .. })
    }

    /// Returns the causes that led to a limit, the nearest first: the deliveries around the publish, or the handlers
    /// that returned one event after the other. The list is empty if the reason is another.
    #[must_use]
    pub fn chain(&self) -> &[Cause] {
        match &*self.0 {
            Reason::NestingLimit { chain, .. } | Reason::CascadeLimit { chain, .. } => chain,
            _ => &[],
        }
    }

    /// Returns true if the event is declared but not in the registry, which then belongs to another part of the
    /// program, or was put together before `main`.
    #[must_use]
    pub const fn is_unregistered(&self) -> bool {
        matches!(*self.0, Reason::Unregistered | Reason::RegistryTooEarly)
    }

    /// Returns true if the event was [handed over](crate::Bus::hand_over), and its task was dropped before the publish
    /// had ended.
    #[must_use]
    pub const fn is_cancelled(&self) -> bool {
        matches!(*self.0, Reason::Cancelled)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Reason::Wiring { error } => write!(
                formatter,
                "no bus is installed, and the default one, which has no resources, cannot be used: {error}\n\
                 write `eventful::bus!().provide(…).build()?.install()?` before the first publish; in a test, publish in \
                 `bus.scope(|| …)`, or await `bus.scope_async(…)`; a thread or a task that is spawned leaves the scope"
            ),
            Reason::Instantiation { event, error } => write!(
                formatter,
                "the wiring of `{event}` is wrong on this bus, which is found when an instantiation of a generic event is first \
                 published: {error}"
            ),
            Reason::NestingLimit { limit, chain } => {
                write!(formatter, "handlers that publish are nested {limit} deep, which is the limit of this bus")?;
                write_chain(chain, formatter)
            }
            Reason::CascadeLimit { limit, event, chain } => {
                write!(
                    formatter,
                    "handlers have returned more than {limit} events, which is the limit of a publish on this bus; `{event}` is the first \
                     that was not delivered, returned"
                )?;
                write_chain(chain, formatter)
            }
            Reason::Unregistered => formatter.write_str(
                "it is declared but not in the registry, which belongs to another part of the program: the registry in a \
                 Rust dylib has only what was linked into the dylib; link the crates as ordinary `rlib`s",
            ),
            Reason::Cancelled => formatter.write_str(
                "the task that it was handed over to was dropped before the publish had ended; await `drained` before the \
                 runtime ends",
            ),
            Reason::RegistryTooEarly => formatter.write_str(BEFORE_MAIN),
        }
    }
}

/// Writes the same text as `Display`, because `unwrap` and an assertion that fails print it.
impl fmt::Debug for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// One line for each cause, up to where they repeat.
fn write_chain(chain: &[Cause], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut seen: Vec<&Cause> = Vec::new();
    for cause in chain {
        if seen.iter().any(|earlier| earlier.is_same_step(cause)) {
            return write!(formatter, "\n  … and so on, {} steps in all", chain.len());
        }
        write!(formatter, "\n  by {cause}")?;
        seen.push(cause);
    }
    Ok(())
}
