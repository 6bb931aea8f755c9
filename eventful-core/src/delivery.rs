//! One event on its way to its handlers, and which one that is at the moment.

use std::fmt;
use std::iter::{self, successors};
use std::marker::PhantomData;
use std::mem;
use std::panic::Location;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::event::mode::TheBus;
use crate::event::{Event, EventInfo, returned_event};
use crate::handler::HandlerInfo;
use crate::raw::{Context, CountOrBox, Kept, Link, Named, Slot, Stacked, Top};
use crate::report::{Aftermath, Cause, Failure, Lineage, OneOrMany, RawFailure, ReturnedEvent};

thread_local! {
    static CURRENT: Top<Delivery> = const { Top::empty() };
}

/// The delivery of one event: the event's name, its handler, the line that published it, and its cause.
///
/// A handler asks for it with a parameter `&Delivery`.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, Delivery, event, handler};
///
/// #[event]
/// struct OrderCreated;
///
/// #[handler(OrderCreated, id = "shop.audit")]
/// fn audit(_: &OrderCreated, delivery: &Delivery) {
///     assert_eq!(delivery.handler().id(), "shop.audit");
///     assert_eq!(delivery.published_at().file(), file!());
///     assert!(delivery.cause().is_none(), "no handler has published it");
/// }
///
/// let bus = Bus::isolated().with(audit).build()?;
/// assert_eq!(bus.publish(&OrderCreated)?.handled(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
// A scope is on the same stack: it is a delivery of no event.
pub struct Delivery {
    event: Option<&'static EventInfo>,
    published_at: &'static Location<'static>,
    running: Slot<Named<HandlerInfo>>,
    /// How many deliveries this is within, itself included.
    depth: AtomicU32,
    bus: Link<TheBus>,
    /// Set while a handler of this delivery is being called or polled.
    parent: Slot<Delivery>,
    /// Of an event that a handler returned: which one, and so on.
    lineage: Option<Link<Lineage>>,
    /// How many handlers a guard kept from running; and what is only there where handlers fail or return events.
    aftermath: CountOrBox<Aftermath>,
}

impl Delivery {
    #[inline]
    pub(crate) fn new(
        event: Option<&'static EventInfo>,
        published_at: &'static Location<'static>,
        bus: Link<TheBus>,
    ) -> Self {
        Self {
            event,
            published_at,
            running: Slot::empty(),
            depth: AtomicU32::new(u32::from(event.is_some())),
            bus,
            parent: Slot::empty(),
            lineage: None,
            aftermath: CountOrBox::empty(),
        }
    }

    /// Puts it within `parent`, which may have gone when it is delivered.
    #[inline]
    pub(crate) fn place_within(&self, parent: Option<&Self>) {
        if let Some(parent) = parent {
            self.settle_on(parent);
        }
    }

    /// The nesting of a publish within `parent`.
    #[inline]
    pub(crate) fn nesting_in(parent: Option<&Self>) -> u32 {
        parent.map_or(0, Self::depth)
    }

    /// The delivery of an event that a handler returned, `deeper` by as many levels than what is around it.
    pub(crate) fn returned(self, lineage: Link<Lineage>, deeper: u32) -> Self {
        Self {
            depth: AtomicU32::new(deeper),
            lineage: Some(lineage),
            ..self
        }
    }

    fn depth(&self) -> u32 {
        self.depth.load(Ordering::Relaxed)
    }

    /// Returns the name of the event.
    #[must_use]
    pub fn event_name(&self) -> &'static str {
        self.event.map_or("", EventInfo::name)
    }

    pub(crate) fn is_fail_fast(&self) -> bool {
        self.event.is_some_and(EventInfo::is_fail_fast)
    }

    /// Returns the handler that is running.
    ///
    /// # Panics
    ///
    /// In an observer, at the start and the end of a publish, when no handler is running. Never for a `&Delivery` that
    /// a handler was given.
    #[must_use]
    pub fn handler(&self) -> &HandlerInfo {
        self.running().expect("no handler is running")
    }

    fn running(&self) -> Option<&HandlerInfo> {
        self.running.get().map(Named::info)
    }

    /// Returns the line that published the event.
    #[must_use]
    pub const fn published_at(&self) -> &'static Location<'static> {
        self.published_at
    }

    /// Returns the handler that published this event, or returned it; `None` if it was no handler.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        self.iter_causes().next()
    }

    /// Returns the whole chain of causes, the nearest first.
    #[must_use]
    pub fn causes(&self) -> Vec<Cause> {
        if self.parent.get().is_none() && self.lineage.is_none() {
            return Vec::new();
        }
        self.iter_causes().collect()
    }

    fn iter_causes(&self) -> impl Iterator<Item = Cause> {
        // What is around a delivery is its cause if it has a handler that is running. The publish whose handlers have
        // returned this event is around it, too, but has none.
        let around = self.ancestors().filter_map(|ancestor| {
            let cause = ancestor.as_cause()?;
            Some(iter::once(cause).chain(ancestor.own_lineage()))
        });
        self.own_lineage().chain(around.flatten())
    }

    fn own_lineage(&self) -> impl Iterator<Item = Cause> {
        self.lineage
            .as_deref()
            .into_iter()
            .flat_map(Lineage::causes)
    }

    /// The bus on which its handlers publish.
    pub(crate) fn bus(&self) -> &TheBus {
        &self.bus
    }

    /// How many handlers that publish are around this delivery.
    pub(crate) fn nesting(&self) -> u32 {
        self.depth() - 1
    }

    /// Whether more handlers that publish are around it than there may be.
    pub(crate) fn is_too_deep(&self, limit: u32) -> bool {
        self.depth() > limit
    }

    /// The delivery itself as the cause of what its running handler publishes.
    pub(crate) fn as_cause(&self) -> Option<Cause> {
        let event = self.event?;
        let handler = self.running()?;
        Some(Cause::new(*handler, event.name(), self.published_at))
    }

    /// Notes that a guard kept the running handler from running.
    pub(crate) fn skip(&self) {
        self.aftermath.increment();
    }

    pub(crate) fn skipped(&self) -> u32 {
        let kept = self.aftermath.take();
        let skipped = match &kept {
            Kept::Count(count) => *count,
            Kept::Box(aftermath) => aftermath.skipped(),
        };
        self.aftermath.put(kept);
        skipped
    }

    /// Whether no handler has failed, none was skipped and none has returned an event.
    pub(crate) fn is_plain(&self) -> bool {
        self.aftermath.is_empty()
    }

    /// Notes that the running handler has failed. What it has returned before is forgotten.
    ///
    /// `look` is shown the failure at once: a later handler may end the process.
    pub(crate) fn fail(&self, failure: RawFailure, look: impl FnOnce(&Failure)) {
        let handler = self.handler();
        let event = self.event_name();
        let failure = Failure::new(*handler, event, self.published_at, self.causes(), failure);
        let (aftermath, forgotten) = match self.aftermath.take() {
            Kept::Count(skipped) => {
                let failed = Aftermath::of_failure(event, self.published_at, skipped, failure);
                (Box::new(failed), OneOrMany::None)
            }
            Kept::Box(mut aftermath) => {
                aftermath.failures.push(failure);
                let forgotten = aftermath.forget_returned_by(handler);
                (aftermath, forgotten)
            }
        };
        if let [.., failure] = aftermath.failures.as_slice() {
            look(failure);
        }
        self.aftermath.put(Kept::Box(aftermath));
        // Events are the user's to drop, when nothing of ours is taken out.
        drop(forgotten);
    }

    fn change<R>(&self, change: impl FnOnce(&mut Aftermath) -> R) -> R {
        let make = |skipped| Aftermath::new(self.event_name(), self.published_at).skipping(skipped);
        self.aftermath.change(make, change)
    }

    pub(crate) fn has_failed(&self) -> bool {
        let has_failed = |aftermath: &mut Aftermath| !aftermath.failures.is_empty();
        !self.is_plain()
            && self
                .aftermath
                .change_if_boxed(has_failed)
                .unwrap_or_default()
    }

    /// The failures of the handlers that have run since this was last asked, in the order in which they failed.
    pub(crate) fn take_failures(&self) -> OneOrMany<Failure> {
        if self.is_plain() {
            return OneOrMany::None;
        }
        let take = |aftermath: &mut Aftermath| mem::take(&mut aftermath.failures);
        self.aftermath.change_if_boxed(take).unwrap_or_default()
    }

    /// Keeps an event that the running handler has returned, until all handlers of this delivery have run.
    pub(crate) fn keep<E: Event>(&self, event: E) {
        let Some(cause) = self.as_cause() else {
            return;
        };
        let lineage = Lineage::new(cause, self.lineage.as_deref());
        let returned = returned_event(event, lineage);
        self.change(|aftermath| aftermath.returned.push(returned));
    }

    pub(crate) fn take_returned(&self) -> OneOrMany<ReturnedEvent> {
        if self.is_plain() {
            return OneOrMany::None;
        }
        let take = |aftermath: &mut Aftermath| mem::take(&mut aftermath.returned);
        self.aftermath.change_if_boxed(take).unwrap_or_default()
    }

    /// Puts back what was taken.
    pub(crate) fn keep_again(&self, returned: OneOrMany<ReturnedEvent>) {
        if !returned.is_empty() {
            self.change(|aftermath| aftermath.returned = returned);
        }
    }

    /// Puts back what was taken.
    pub(crate) fn fail_again(&self, failures: OneOrMany<Failure>) {
        if !failures.is_empty() {
            self.change(|aftermath| aftermath.failures = failures);
        }
    }

    /// All that its handlers have left.
    pub(crate) fn take_aftermath(&self) -> Kept<Aftermath> {
        self.aftermath.take()
    }

    fn ancestors(&self) -> impl Iterator<Item = &Self> {
        successors(self.parent.get(), |delivery| delivery.parent.get())
    }
}

/// A delivery as the shim of a handler sees it; `M` is the mode of what is handled.
#[doc(hidden)]
#[derive(Debug)]
pub struct Handling<'a, M> {
    delivery: &'a Delivery,
    mode: PhantomData<fn() -> M>,
}

impl<M> Clone for Handling<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Handling<'_, M> {}

impl<'a, M> Handling<'a, M> {
    #[inline]
    pub(crate) const fn new(delivery: &'a Delivery) -> Self {
        Self {
            delivery,
            mode: PhantomData,
        }
    }

    #[inline]
    pub(crate) const fn delivery(self) -> &'a Delivery {
        self.delivery
    }
}

impl Context for Delivery {
    type Info = HandlerInfo;

    #[inline]
    fn slot(&self) -> &Slot<Named<HandlerInfo>> {
        &self.running
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Delivery")
            .field("event", &self.event_name())
            .field("handler", &self.running())
            .field("published_at", &format_args!("{}", self.published_at))
            .field("causes", &self.causes())
            .finish_non_exhaustive()
    }
}

/// Shows the innermost delivery or scope of this thread to `body`.
#[inline]
pub(crate) fn with_current<R>(body: impl FnOnce(Option<&Delivery>) -> R) -> R {
    Top::show(&CURRENT, body)
}

/// What would cause a publish now, the nearest first.
pub(crate) fn current_causes() -> Vec<Cause> {
    with_current(|current| {
        let current = current.into_iter();
        current
            .flat_map(|delivery| {
                delivery
                    .as_cause()
                    .into_iter()
                    .chain(delivery.iter_causes())
            })
            .collect()
    })
}

impl Stacked for Delivery {
    #[inline]
    fn below(&self) -> &Slot<Self> {
        &self.parent
    }

    #[inline]
    fn settle_on(&self, below: &Self) {
        let depth = self.depth() + below.depth();
        self.depth.store(depth, Ordering::Relaxed);
    }

    #[inline]
    fn is_bare(&mut self) -> bool {
        self.aftermath.is_empty_mut()
    }
}

/// Makes a delivery of `event` the current one while `body` runs.
#[inline]
pub(crate) fn deliver<R>(
    bus: &TheBus,
    event: &'static EventInfo,
    published_at: &'static Location<'static>,
    body: impl FnOnce(&Delivery) -> R,
) -> R {
    let make = |bus| Delivery::new(Some(event), published_at, bus);
    enter(bus, make, body)
}

/// As [`deliver`], where `body` is shown what is around the delivery. What it gives, `plain` is given when the delivery is no longer
/// the current one, if that is [plain](Delivery::is_plain); if not, `after` is.
#[inline]
pub(crate) fn deliver_and<B, R>(
    bus: &TheBus,
    event: &'static EventInfo,
    published_at: &'static Location<'static>,
    body: impl FnOnce(&Delivery, Option<&Delivery>) -> B,
    plain: impl FnOnce(B, &Delivery) -> R,
    after: impl FnOnce(B, &Delivery) -> R,
) -> R {
    let make = |bus| Delivery::new(Some(event), published_at, bus);
    Top::enter(&CURRENT, bus, make, body, plain, after)
}

/// As [`deliver`], of an event that a handler [returned](Delivery::returned).
pub(crate) fn deliver_returned<R>(
    bus: &TheBus,
    event: &'static EventInfo,
    published_at: &'static Location<'static>,
    lineage: &Lineage,
    deeper: u32,
    body: impl FnOnce(&Delivery) -> R,
) -> R {
    let owners = (bus, lineage);
    let make = |owners: Link<(&TheBus, &Lineage)>| {
        let bus = owners.map(|(bus, _)| *bus);
        let lineage = owners.map(|(_, lineage)| *lineage);
        Delivery::new(Some(event), published_at, bus).returned(lineage, deeper)
    };
    enter(&owners, make, body)
}

/// Makes `bus` the current one while `body` runs.
pub(crate) fn scope<R>(bus: &TheBus, body: impl FnOnce() -> R) -> R {
    let at = Location::caller();
    let make = |bus| Delivery::new(None, at, bus);
    enter(bus, make, |_| body())
}

#[inline]
fn enter<Owner: ?Sized, R>(
    owner: &Owner,
    make: impl FnOnce(Link<Owner>) -> Delivery,
    body: impl FnOnce(&Delivery) -> R,
) -> R {
    let body = |delivery: &Delivery, _: Option<&Delivery>| body(delivery);
    Top::enter(&CURRENT, owner, make, body, |made, _| made, |made, _| made)
}

/// Makes `delivery`, which goes on, the current one while `body` runs.
pub(crate) fn resume<R>(delivery: &Delivery, body: impl FnOnce() -> R) -> R {
    Top::reenter(&CURRENT, delivery, |_| body())
}
