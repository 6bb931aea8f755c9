//! The future of an asynchronous publish.

use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::ops::ControlFlow;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::cascade::Cascade;
use super::delivering::Destination;
use super::publish::{refuse, refuse_nesting};
use super::{Bus, default};
use crate::delivery::{self, Delivery};
use crate::dispatch::{AimedFlight, Flying};
use crate::event::mode::{Async, Mode};
use crate::event::{Event, EventRef, One};
use crate::log;
use crate::raw::{ColdBox, Flight, Link};
use crate::report::{Aftermath, Delivered, OneOrMany, PublishError, Refusal, ReturnedEvent};

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
    Flying(Flying<'a, Keeper<'a>>),
    /// The event's own handlers have run, and have returned others.
    Cascading(ColdBox<Cascading>),
    Finished,
}

impl Mode for Async {
    type Publication<'a, E: Event> = Publishing<'a, E>;
    type __Only<E: Event> = One<E>;
    type __Publisher = Bus;
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
        let stage = Stage::Unstarted {
            bus,
            event: EventRef::new(event),
            published_at,
        };
        Self {
            stage,
            event: PhantomData,
        }
    }
}

impl<'a> Publishing<'a, ()> {
    /// Of an event whose type is forgotten, and which may be synchronous.
    pub(super) fn of(
        bus: &'a Bus,
        event: EventRef<'a>,
        published_at: &'static Location<'static>,
    ) -> Self {
        let stage = Stage::Unstarted {
            bus: Some(bus),
            event,
            published_at,
        };
        Self {
            stage,
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
                Started::Flying(flying) => self.go_on_to(Self::Flying(flying)),
                Started::Finished(ControlFlow::Break(result)) => return Poll::Ready(result),
                Started::Finished(ControlFlow::Continue(cascading)) => {
                    self.go_on_to(Self::Cascading(cascading));
                }
            }
        }
        if let Self::Flying(flying) = self {
            match ready!(flying.poll(context)) {
                Ok(delivered) => {
                    if let Self::Flying(flying) = mem::replace(self, Self::Finished) {
                        drop(flying);
                    }
                    return Poll::Ready(Ok(delivered));
                }
                Err(aftermath) => {
                    let delivery = flying.delivery();
                    match go_on_from(delivery.bus(), delivery, aftermath) {
                        ControlFlow::Break(result) => {
                            *self = Self::Finished;
                            return Poll::Ready(result);
                        }
                        ControlFlow::Continue(cascading) => *self = Self::Cascading(cascading),
                    }
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

/// The result of a publish, or the rest of it.
type Next = ControlFlow<Result<Delivered, PublishError>, ColdBox<Cascading>>;

/// What comes after the event's own handlers have run.
#[cold]
fn go_on_from(bus: &Bus, delivery: &Delivery, aftermath: Box<Aftermath>) -> Next {
    if aftermath.returned.is_empty() {
        return ControlFlow::Break(aftermath.into_result());
    }
    let published_at = delivery.published_at();
    ControlFlow::Continue(ColdBox::new(Box::new(Cascading {
        bus: bus.clone(),
        event: delivery.event_name(),
        published_at,
        cascade: Some(Cascade::new(aftermath, published_at)),
        flying: None,
    })))
}

/// What a delivery keeps, and what keeps the bus of that.
pub(super) enum Keeper<'a> {
    /// Who has the publish has the bus.
    Lent(&'a Bus),
    /// A publish in a scope, or by a handler, may outlive that.
    Current(Bus),
    Returned(Bus, ReturnedEvent),
}

impl Keeper<'_> {
    #[inline]
    fn bus(&self) -> &Bus {
        match self {
            Self::Lent(bus) => bus,
            Self::Current(bus) | Self::Returned(bus, _) => bus,
        }
    }

    fn returned(&self) -> &ReturnedEvent {
        match self {
            Self::Returned(_, returned) => returned,
            Self::Lent(_) | Self::Current(_) => unreachable!("no handler has returned the event"),
        }
    }

    /// The table of an event that is known to have asynchronous handlers, aimed at it.
    fn aim_at<'o>(&'o self, event: EventRef<'o>) -> AimedFlight<'o> {
        let table = self.bus().0.flight_table(event.info());
        table.expect("it was there").aim_at(event.value())
    }
}

/// What came of the start of a delivery: `F` if its handlers have run.
enum Started<'a, F> {
    Finished(F),
    Flying(Flying<'a, Keeper<'a>>),
}

fn start<'a>(
    bus: Option<&'a Bus>,
    event: EventRef<'a>,
    published_at: &'static Location<'static>,
) -> Started<'a, Next> {
    delivery::with_current(|parent| {
        let lent = match (bus, parent) {
            (Some(bus), _) => bus,
            (None, Some(delivery)) => {
                let bus = delivery.bus();
                let keep = || Keeper::Current(bus.clone());
                return start_slowly(bus, keep, event, published_at, parent);
            }
            (None, None) => match default::get_or_build(published_at) {
                Ok(bus) => bus,
                Err(error) => {
                    let refusal = Refusal::wrong_wiring(error);
                    let refused = refuse(event.info().name(), published_at, refusal);
                    return Started::Finished(ControlFlow::Break(refused));
                }
            },
        };
        let Some(aimed) = lent.0.tables.aim_flight(&event) else {
            return start_slowly(lent, || Keeper::Lent(lent), event, published_at, parent);
        };
        let make = |keeper| delivery_of(event, published_at, keeper);
        let flight = Flight::new(|| Keeper::Lent(lent), aimed, make);
        let delivery = flight.context();
        delivery.place_within(parent);
        if delivery.is_too_deep(lent.0.limits.nesting) {
            return Started::Finished(refuse_too_deep(lent, &event, delivery));
        }
        Started::Flying(Flying::new(flight))
    })
}

#[inline]
fn delivery_of(
    event: EventRef<'_>,
    published_at: &'static Location<'static>,
    keeper: Link<Keeper<'_>>,
) -> Delivery {
    let bus = keeper.map(Keeper::bus);
    Delivery::new(Some(event.info()), published_at, bus)
}

#[cold]
fn refuse_too_deep(bus: &Bus, event: &EventRef<'_>, delivery: &Delivery) -> Next {
    let limit = bus.0.limits.nesting;
    ControlFlow::Break(delivery::resume(delivery, || {
        bus.observed(event, delivery, || refuse_nesting(delivery, limit))
    }))
}

/// As [`start`], in every case.
#[inline(never)]
fn start_slowly<'a>(
    bus: &Bus,
    keep: impl FnOnce() -> Keeper<'a>,
    event: EventRef<'a>,
    published_at: &'static Location<'static>,
    parent: Option<&Delivery>,
) -> Started<'a, Next> {
    match bus.0.destination(&event, Delivery::nesting_in(parent)) {
        Destination::Later => {}
        // All handlers are synchronous: there is nothing to wait for, and nothing to allocate.
        other => {
            return delivery::deliver(bus, event.info(), published_at, |delivery| {
                let result = bus.deliver_to(other, &event, delivery);
                let returned = delivery.take_returned();
                if returned.is_empty() {
                    return Started::Finished(ControlFlow::Break(result));
                }
                let mut aftermath = Aftermath::of(result, delivery.event_name(), published_at);
                aftermath.returned = returned;
                Started::Finished(go_on_from(bus, delivery, aftermath))
            });
        }
    }
    let flight = Flight::carrying(
        keep(),
        |keeper| keeper.aim_at(event),
        |keeper| delivery_of(event, published_at, keeper),
    );
    let delivery = flight.context();
    delivery.place_within(parent);
    if delivery.is_too_deep(bus.0.limits.nesting) {
        return Started::Finished(refuse_too_deep(bus, &event, delivery));
    }
    Started::Flying(Flying::observed(flight, event.info(), &bus.0.observers))
}

/// A publish whose handlers have returned events, of which some may have asynchronous handlers.
struct Cascading {
    bus: Bus,
    event: &'static str,
    published_at: &'static Location<'static>,
    /// None once it is over.
    cascade: Option<Cascade>,
    flying: Option<Flying<'static, Keeper<'static>>>,
}

impl Cascading {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Delivered, PublishError>> {
        let Self {
            bus,
            published_at,
            cascade: slot,
            flying,
            ..
        } = self;
        // Returned events are the user's to drop, on the bus that publishes them.
        delivery::scope(bus, || {
            loop {
                let Some(cascade) = slot else {
                    panic!("`Publishing` was polled after it was ready")
                };
                if let Some(under_way) = flying {
                    let result = ready!(under_way.poll(context));
                    *flying = None;
                    add(cascade, result);
                }
                let Some(returned) = cascade.next(bus) else {
                    let result = slot.take().map(Cascade::into_result);
                    return result.map_or(Poll::Pending, Poll::Ready);
                };
                match start_returned(bus, returned, published_at) {
                    Started::Finished((result, returned)) => cascade.add(result, returned),
                    Started::Flying(next) => *flying = Some(next),
                }
            }
        })
    }
}

fn add(cascade: &mut Cascade, result: Result<Delivered, Box<Aftermath>>) {
    match result {
        Ok(delivered) => cascade.add(Ok(delivered), OneOrMany::None),
        Err(mut aftermath) => {
            let returned = mem::take(&mut aftermath.returned);
            cascade.add(aftermath.into_result(), returned);
        }
    }
}

/// What came of a returned event, and what its handlers have returned.
type Came = (Result<Delivered, PublishError>, OneOrMany<ReturnedEvent>);

fn start_returned(
    bus: &Bus,
    returned: ReturnedEvent,
    published_at: &'static Location<'static>,
) -> Started<'static, Came> {
    let info = EventRef::of_returned(&returned).info();
    delivery::with_current(|parent| {
        let nesting = Delivery::nesting_in(parent);
        match bus
            .0
            .destination(&EventRef::of_returned(&returned), nesting)
        {
            Destination::Later => {}
            other => {
                return delivery::deliver_returned(
                    bus,
                    info,
                    published_at,
                    returned.lineage(),
                    1,
                    |delivery| {
                        let result =
                            bus.deliver_to(other, &EventRef::of_returned(&returned), delivery);
                        Started::Finished((result, delivery.take_returned()))
                    },
                );
            }
        }
        let flight = Flight::carrying(
            Keeper::Returned(bus.clone(), returned),
            |keeper| keeper.aim_at(EventRef::of_returned(keeper.returned())),
            |keeper| {
                let bus = keeper.map(Keeper::bus);
                let lineage = keeper.map(|keeper| keeper.returned().lineage());
                Delivery::new(Some(info), published_at, bus).returned(lineage, 1)
            },
        );
        flight.context().place_within(parent);
        // Its nesting is that of the first event of the publish, which was not too deep.
        Started::Flying(Flying::observed(flight, info, &bus.0.observers))
    })
}

impl Drop for Cascading {
    /// A publish that is dropped half-way says so, also of the events that were still to come.
    fn drop(&mut self) {
        delivery::scope(&self.bus, || {
            self.flying = None;
            let cascade = self.cascade.take();
            let waiting = cascade.iter().flat_map(Cascade::waiting);
            let waiting: Vec<_> = waiting.collect();
            if !waiting.is_empty() {
                log::returned_discarded(self.event, self.published_at, &waiting);
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
            Stage::Flying(_) | Stage::Cascading(_) => "under way",
            Stage::Finished => "finished",
        };
        write!(formatter, "Publishing({stage})")
    }
}
