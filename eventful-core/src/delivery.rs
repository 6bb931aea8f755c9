//! One event on its way to its handlers, and which one that is at the moment.

use std::fmt;
use std::iter::successors;
use std::panic::Location;

use crate::event::EventInfo;
use crate::event::mode::Publisher;
use crate::handler::HandlerInfo;
use crate::raw::{Context, Link, Slot, Stacked, Top};
use crate::report::Cause;

thread_local! {
    static CURRENT: Top<Delivery> = const { Top::empty() };
}

/// What is being delivered, to whom, published on which line, and caused by what.
///
/// A handler asks for it with a parameter `&Delivery`.
///
/// # Examples
///
/// ```
/// # use eventful_core as eventful;
/// use eventful::Delivery;
///
/// fn describe(delivery: &Delivery) -> String {
///     let mut text = format!("{} for {}", delivery.event(), delivery.handler().id());
///     for cause in delivery.causes() {
///         text += &format!(", because of {}", cause.event());
///     }
///     text
/// }
/// ```
// A scope is on the same stack: it is a delivery of no event.
pub struct Delivery {
    event: Option<&'static EventInfo>,
    published_at: &'static Location<'static>,
    running: Slot<HandlerInfo>,
    nesting: u32,
    publisher: Link<dyn Publisher>,
    /// Set while a handler of this delivery is being called or polled.
    parent: Slot<Delivery>,
}

impl Delivery {
    #[inline]
    pub(crate) fn new(
        event: Option<&'static EventInfo>,
        published_at: &'static Location<'static>,
        publisher: Link<dyn Publisher>,
        parent: Option<&Self>,
    ) -> Self {
        Self {
            event,
            published_at,
            running: Slot::empty(),
            nesting: parent.map_or(0, |parent| {
                parent.nesting + u32::from(parent.event.is_some())
            }),
            publisher,
            parent: Slot::empty(),
        }
    }

    /// The name of the event.
    #[must_use]
    pub fn event(&self) -> &'static str {
        self.event.map_or("", EventInfo::name)
    }

    /// The handler that is running.
    ///
    /// # Panics
    ///
    /// Never for a `&Delivery` that a handler was given.
    #[must_use]
    pub fn handler(&self) -> &HandlerInfo {
        self.running
            .get()
            .expect("a delivery is shown to handlers only")
    }

    /// The line that published the event.
    #[must_use]
    pub const fn published_at(&self) -> &'static Location<'static> {
        self.published_at
    }

    /// What made this publish happen; none if it was no handler.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        self.ancestors().find_map(Self::as_cause)
    }

    /// The whole chain of causes, the nearest first.
    #[must_use]
    pub fn causes(&self) -> Vec<Cause> {
        self.ancestors().filter_map(Self::as_cause).collect()
    }

    pub(crate) fn publisher(&self) -> &dyn Publisher {
        &*self.publisher
    }

    /// How many handlers that publish are around this delivery.
    pub(crate) const fn nesting(&self) -> u32 {
        self.nesting
    }

    /// The delivery itself as the cause of what its running handler publishes.
    pub(crate) fn as_cause(&self) -> Option<Cause> {
        let event = self.event?;
        let handler = self.running.get()?;
        Some(Cause::new(*handler, event.name(), self.published_at))
    }

    fn ancestors(&self) -> impl Iterator<Item = &Self> {
        successors(self.parent.get(), |delivery| delivery.parent.get())
    }
}

impl Context<HandlerInfo> for Delivery {
    #[inline]
    fn running(&self) -> &Slot<HandlerInfo> {
        &self.running
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Delivery")
            .field("event", &self.event())
            .field("handler", &self.running.get())
            .field("published_at", &format_args!("{}", self.published_at))
            .field("causes", &self.causes())
            .finish_non_exhaustive()
    }
}

/// Shows the innermost delivery or scope of this thread to `body`.
#[inline]
pub(crate) fn with_current<R>(body: impl FnOnce(Option<&Delivery>) -> R) -> R {
    Top::with(&CURRENT, body)
}

impl Stacked for Delivery {
    #[inline]
    fn below(&self) -> &Slot<Self> {
        &self.parent
    }
}

/// Makes a delivery of `event` the current one while `body` runs.
#[inline]
pub(crate) fn deliver<R>(
    publisher: &dyn Publisher,
    event: &'static EventInfo,
    published_at: &'static Location<'static>,
    body: impl FnOnce(&Delivery) -> R,
) -> R {
    let make = |publisher, parent: Option<&Delivery>| {
        Delivery::new(Some(event), published_at, publisher, parent)
    };
    Top::enter(&CURRENT, publisher, make, body)
}

/// Makes `publisher` the current one while `body` runs.
pub(crate) fn scope<R>(publisher: &dyn Publisher, body: impl FnOnce() -> R) -> R {
    let at = Location::caller();
    let make = |publisher, parent: Option<&Delivery>| Delivery::new(None, at, publisher, parent);
    Top::enter(&CURRENT, publisher, make, |_| body())
}

/// Makes `delivery`, which goes on, the current one while `body` runs.
pub(crate) fn resume<R>(delivery: &Delivery, body: impl FnOnce() -> R) -> R {
    Top::reenter(&CURRENT, delivery, |_| body())
}
