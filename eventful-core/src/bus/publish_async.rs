//! The future of an asynchronous publish.

use std::alloc::Layout;
use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::ops::ControlFlow;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::cascade::Cascade;
use super::publish_slow::Destination;
use super::{Bus, default, refuse};
use crate::delivery::{self, Delivery};
use crate::dispatch::{AsyncCalls, HandlerFutures};
use crate::event::mode::{Async, Mode};
use crate::event::{Event, EventInfo, EventRef, One};
use crate::log;
use crate::raw::{Borrowing, CallFutures, ColdBox, ScopedRef};
use crate::report::{Delivered, Lineage, PublishError, Refusal, ReturnedEvent, Settled};

/// The publish of an asynchronous event: a future in which its handlers run.
///
/// Nothing happens until it is awaited. The handlers run inside of it, in order, on the task that polls it: the bus
/// spawns nothing and needs no runtime. An ambient publish finds its bus at the first poll, so that
/// [`bus.scope_async(event.publish())`](Bus::scope_async) works.
///
/// The future borrows the event. To hand a publish to a task, let the task own the event:
/// `async move { event.publish().await }`.
///
/// # Cancellation
///
/// Dropping the future cancels the publish at the await it is in. One log line then names the handler that was
/// cancelled there, those that never started, and the returned events that were not published.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, Publishing, event, handler};
///
/// #[event(async)]
/// struct OrderCreated;
///
/// #[handler(OrderCreated)]
/// async fn send_mail(_: &OrderCreated) -> Result<(), String> {
///     Ok(())
/// }
///
/// # futures_lite::future::block_on(async {
/// let bus = Bus::isolated().with(send_mail).build()?;
/// let event = OrderCreated;
/// let publishing: Publishing<'_, OrderCreated> = bus.publish(&event);
/// assert_eq!(publishing.await?.handled(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[must_use = "a publish does nothing until it is awaited"]
pub struct Publishing<'a, E> {
    stage: Stage<'a>,
    event: PhantomData<&'a E>,
}

enum Stage<'a> {
    Unstarted {
        bus: Option<&'a Bus>,
        event: EventRef<'a>,
        published_at: &'static Location<'static>,
    },
    Running(Running<'a>),
    /// The event's own handlers have run, and have returned others.
    Cascading(ColdBox<Cascading>),
    Finished,
}

type Running<'a> = HandlerFutures<'a, FuturesOwner<'a>>;

impl Mode for Async {
    type Publication<'a, E: Event> = Publishing<'a, E>;
    type __Only<E: Event> = One<E>;
    const __IS_ASYNC: bool = true;

    fn __publish<'a, E: Event<Mode = Self>>(
        bus: &'a Bus,
        event: &'a E,
        published_at: &'static Location<'static>,
    ) -> Publishing<'a, E> {
        Publishing::new(Some(bus), event, published_at)
    }
}

impl<'a, E: Event<Mode = Async>> Publishing<'a, E> {
    pub(crate) fn new(
        bus: Option<&'a Bus>,
        event: &'a E,
        published_at: &'static Location<'static>,
    ) -> Self {
        Self::of(bus, EventRef::new(event), published_at)
    }
}

impl<'a, E> Publishing<'a, E> {
    /// The publish of an event that may be synchronous.
    pub(super) fn of(
        bus: Option<&'a Bus>,
        event: EventRef<'a>,
        published_at: &'static Location<'static>,
    ) -> Self {
        Self {
            stage: Stage::Unstarted {
                bus,
                event,
                published_at,
            },
            event: PhantomData,
        }
    }
}

impl<E> Future for Publishing<'_, E> {
    type Output = Result<Delivered, PublishError>;

    /// # Panics
    ///
    /// If it is polled again after it was ready.
    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.get_mut().stage.poll(context)
    }
}

impl Stage<'_> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Delivered, PublishError>> {
        if let &mut Self::Unstarted {
            bus,
            event,
            published_at,
        } = self
        {
            // A publish whose start panics is over.
            self.go_on_to(Self::Finished);
            match start(bus, event, published_at) {
                ControlFlow::Continue(stage) => self.go_on_to(stage),
                ControlFlow::Break(result) => return Poll::Ready(result),
            }
        }
        if let Self::Running(running) = self {
            let settled = ready!(running.poll(context));
            let delivery = running.delivery();
            match after_handlers(
                delivery.bus(),
                settled,
                delivery.event_name(),
                delivery.published_at(),
            ) {
                ControlFlow::Continue(stage) => *self = stage,
                ControlFlow::Break(result) => {
                    *self = Self::Finished;
                    return Poll::Ready(result);
                }
            }
        }
        self.poll_cascading(context)
    }

    /// Leaves a stage in which there is nothing to drop.
    #[inline]
    fn go_on_to(&mut self, next: Self) {
        mem::forget(mem::replace(self, next));
    }

    #[cold]
    fn poll_cascading(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<Delivered, PublishError>> {
        let Self::Cascading(cascading) = self else {
            panic!("`Publishing` was polled after it was ready")
        };
        let result = ready!(cascading.poll(context));
        *self = Self::Finished;
        Poll::Ready(result)
    }
}

/// The result of a publish, or the stage that comes next.
type Next<'a> = ControlFlow<Result<Delivered, PublishError>, Stage<'a>>;

/// Ends a publish whose own handlers have run, if they have returned no events.
#[inline]
fn after_handlers<'a>(
    bus: &Bus,
    settled: Settled,
    event: &'static str,
    published_at: &'static Location<'static>,
) -> Next<'a> {
    if settled.returned.is_empty() {
        return ControlFlow::Break(settled.result);
    }
    ControlFlow::Continue(Stage::Cascading(ColdBox::new(Box::new(Cascading {
        bus: bus.clone(),
        cascade: Some(Cascade::new(settled, event, published_at)),
        running: None,
    }))))
}

fn start<'a>(
    bus: Option<&'a Bus>,
    event: EventRef<'a>,
    published_at: &'static Location<'static>,
) -> Next<'a> {
    delivery::with_current(|parent| {
        let current;
        let (bus, kept) = match (bus, parent) {
            (Some(bus), _) => (bus, MaybeOwned::Borrowed(bus)),
            // A publish in a scope, or by a handler, may outlive that.
            (None, Some(delivery)) => {
                current = delivery.bus();
                (current, MaybeOwned::Owned(current.clone()))
            }
            (None, None) => match default::get_or_build(published_at) {
                Ok(bus) => (bus, MaybeOwned::Borrowed(bus)),
                Err(error) => {
                    let refusal = Refusal::wrong_wiring(error);
                    let error = refuse::refuse(event.info().name(), published_at, refusal);
                    return ControlFlow::Break(Err(error));
                }
            },
        };
        let owner = FuturesOwner {
            bus: kept,
            event: MaybeOwned::Borrowed(event),
        };
        match start_delivery(owner, published_at, parent) {
            Started::Running(running) => ControlFlow::Continue(Stage::Running(running)),
            Started::Settled(settled) => {
                after_handlers(bus, settled, event.info().name(), published_at)
            }
        }
    })
}

/// A delivery whose handlers have started or, if all of them are synchronous, have run.
enum Started<'a> {
    Running(Running<'a>),
    Settled(Settled),
}

/// Starts the delivery of the event that `owner` has.
fn start_delivery<'a>(
    owner: FuturesOwner<'a>,
    published_at: &'static Location<'static>,
    parent: Option<&Delivery>,
) -> Started<'a> {
    let (bus, event) = (owner.bus(), owner.event());
    let info = event.info();
    let nesting = Delivery::nesting_in(parent);
    let destination = bus.0.destination(&event, nesting);
    let is_async = matches!(destination, Destination::Handlers(table) if table.futures.is_some());
    // A returned event is as deep as the first one of the publish, which was not too deep.
    let is_too_deep = nesting >= bus.0.limits.nesting && owner.lineage().is_none();
    if !is_async || is_too_deep {
        // There is nothing to wait for, and nothing to allocate.
        let delivery = Borrowing::new(&owner, |owner| delivery_of(owner, info, published_at));
        let settled = delivery.enter(|_| bus.deliver(&destination, &event, &delivery));
        return Started::Settled(settled);
    }
    let futures = CallFutures::new(owner, FuturesOwner::calls, |owner| {
        delivery_of(owner, info, published_at)
    });
    futures.context().place_within(parent);
    Started::Running(HandlerFutures::new(futures, info, |delivery| {
        &delivery.bus().0.observers
    }))
}

#[inline]
fn delivery_of(
    owner: ScopedRef<FuturesOwner<'_>>,
    event: &'static EventInfo,
    published_at: &'static Location<'static>,
) -> Delivery {
    let delivery = Delivery::new(Some(event), published_at, owner.map(FuturesOwner::bus));
    match owner.map_option(FuturesOwner::lineage) {
        None => delivery,
        Some(lineage) => delivery.returned(lineage),
    }
}

/// Owns, or borrows, the bus and the event that a delivery and its futures point to.
pub(super) struct FuturesOwner<'a> {
    bus: MaybeOwned<&'a Bus, Bus>,
    event: MaybeOwned<EventRef<'a>, ReturnedEvent>,
}

enum MaybeOwned<B, O> {
    Borrowed(B),
    Owned(O),
}

impl FuturesOwner<'_> {
    /// The layout of the head of futures with such an owner.
    pub(super) const HEAD: Layout = CallFutures::<Self, Delivery>::HEAD;

    #[inline]
    fn bus(&self) -> &Bus {
        match &self.bus {
            MaybeOwned::Borrowed(bus) => bus,
            MaybeOwned::Owned(bus) => bus,
        }
    }

    #[inline]
    fn event(&self) -> EventRef<'_> {
        match &self.event {
            MaybeOwned::Borrowed(event) => *event,
            MaybeOwned::Owned(returned) => returned.event(),
        }
    }

    /// The handlers of the event, of which some are known to be asynchronous.
    #[inline]
    fn calls(&self) -> AsyncCalls<'_> {
        let event = self.event();
        let table = self.bus().0.table(&event).ok();
        let futures = table.and_then(|table| table.futures.as_ref());
        futures.expect("it was there").calls(event.value())
    }

    fn lineage(&self) -> Option<&Lineage> {
        match &self.event {
            MaybeOwned::Borrowed(_) => None,
            MaybeOwned::Owned(returned) => Some(returned.lineage()),
        }
    }
}

/// A publish whose handlers have returned events, of which some may have asynchronous handlers.
struct Cascading {
    bus: Bus,
    /// `None` once it is over.
    cascade: Option<Cascade>,
    running: Option<Running<'static>>,
}

impl Cascading {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Delivered, PublishError>> {
        let Self {
            bus,
            cascade: slot,
            running,
        } = self;
        // Returned events are the user's to drop, on the bus that publishes them.
        delivery::scope(bus, || {
            loop {
                let Some(cascade) = slot else {
                    panic!("`Publishing` was polled after it was ready")
                };
                if let Some(futures) = running {
                    let settled = ready!(futures.poll(context));
                    *running = None;
                    cascade.add(settled);
                }
                let Some(returned) = cascade.next(bus) else {
                    let result = slot.take().map(Cascade::into_result);
                    return result.map_or(Poll::Pending, Poll::Ready);
                };
                let owner = FuturesOwner {
                    bus: MaybeOwned::Owned(bus.clone()),
                    event: MaybeOwned::Owned(returned),
                };
                let published_at = cascade.published_at();
                let start = |parent: Option<&_>| start_delivery(owner, published_at, parent);
                match delivery::with_current(start) {
                    Started::Running(next) => *running = Some(next),
                    Started::Settled(settled) => cascade.add(settled),
                }
            }
        })
    }
}

impl Drop for Cascading {
    /// Logs the events that were still to come, if a publish is dropped before its end.
    fn drop(&mut self) {
        delivery::scope(&self.bus, || {
            self.running = None;
            if let Some(cascade) = self.cascade.take() {
                cascade.discard();
            }
        });
    }
}

impl<E> Drop for Publishing<'_, E> {
    fn drop(&mut self) {
        if let Stage::Unstarted {
            event,
            published_at,
            ..
        } = self.stage
        {
            log::never_polled(event.info().name(), published_at);
        }
    }
}

impl<E> fmt::Debug for Publishing<'_, E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = match self.stage {
            Stage::Unstarted { .. } => "unstarted",
            Stage::Running(_) | Stage::Cascading(_) => "under way",
            Stage::Finished => "finished",
        };
        write!(formatter, "Publishing({stage})")
    }
}
