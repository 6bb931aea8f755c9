//! The future of an asynchronous publish.

use std::fmt;
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::cascade::Cascade;
use super::delivering::Destination;
use super::publish::{refuse, refuse_nesting};
use super::{Bus, default};
use crate::delivery::{self, Delivery};
use crate::dispatch::Flying;
use crate::event::mode::{Async, Mode};
use crate::event::{Event, EventInfo, EventRef, One};
use crate::log;
use crate::raw::{Flight, Link, Shared};
use crate::report::{Aftermath, Delivered, OneOrMany, PublishError, Refusal, ReturnedEvent};

/// The publish of an asynchronous event: a future in which its handlers run.
///
/// Nothing happens until it is awaited. The handlers run inside of it, in order, on whatever polls it: nothing is spawned,
/// and no runtime is needed. An ambient publish finds its bus at the first poll, so that
/// [`bus.scope_async(event.publish())`](Bus::scope_async) works.
///
/// It borrows the event. To hand a publish to a task, let the task own the event: `async move { event.publish().await }`.
///
/// # Cancellation
///
/// Dropping it stops at the await it is in. The handler that is cut off there, those that never started, and events that
/// handlers returned and that were still to come, are then logged, once.
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
    Flying(Flying<'a, Bus>),
    /// The event's own handlers have run, and have returned others.
    Cascading(Box<Cascading>),
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
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let stage = &mut self.get_mut().stage;
        loop {
            let next = match stage {
                &mut Stage::Unstarted {
                    bus,
                    event,
                    published_at,
                } => {
                    // A publish whose start panics is over.
                    *stage = Stage::Finished;
                    start(bus, event, published_at, context)
                }
                Stage::Flying(flying) => {
                    let result = ready!(flying.poll(context));
                    Stage::after(flying.delivery().bus(), flying, result)
                }
                Stage::Cascading(cascading) => ControlFlow::Break(ready!(cascading.poll(context))),
                Stage::Finished => panic!("`Publishing` was polled after it was ready"),
            };
            match next {
                ControlFlow::Continue(next) => {
                    let waits = matches!(next, Stage::Flying(_));
                    *stage = next;
                    if waits {
                        // It has been polled when it was started.
                        return Poll::Pending;
                    }
                }
                ControlFlow::Break(result) => {
                    *stage = Stage::Finished;
                    return Poll::Ready(result);
                }
            }
        }
    }
}

/// The result of a publish, or the stage that comes next.
type Next<'a> = ControlFlow<Result<Delivered, PublishError>, Stage<'a>>;

impl<'a> Stage<'a> {
    /// What comes after the event's own handlers have run.
    fn after<Owner>(
        bus: &Bus,
        flying: &Flying<'_, Owner>,
        result: Result<Delivered, PublishError>,
    ) -> Next<'a> {
        let delivery = flying.delivery();
        let returned = delivery.take_returned();
        Self::returned(
            bus,
            flying.event(),
            delivery.published_at(),
            result,
            returned,
        )
    }

    /// What comes when the event's own handlers have run and have returned others, if they have.
    fn returned(
        bus: &Bus,
        event: &'static EventInfo,
        published_at: &'static Location<'static>,
        result: Result<Delivered, PublishError>,
        returned: OneOrMany<ReturnedEvent>,
    ) -> Next<'a> {
        if returned.is_empty() {
            return ControlFlow::Break(result);
        }
        let mut aftermath = Aftermath::of(result, event.name(), published_at);
        aftermath.returned = returned;
        ControlFlow::Continue(Self::Cascading(Box::new(Cascading {
            bus: bus.clone(),
            event,
            published_at,
            cascade: Some(Cascade::new(aftermath, published_at)),
            flying: None,
        })))
    }
}

/// What came of the start of a delivery. Of handlers that have run, also what they returned.
enum Started<'a, Owner> {
    Finished(Result<Delivered, PublishError>, OneOrMany<ReturnedEvent>),
    Flying(Flying<'a, Owner>),
}

fn start<'a>(
    bus: Option<&'a Bus>,
    event: EventRef<'a>,
    published_at: &'static Location<'static>,
    context: &mut Context<'_>,
) -> Next<'a> {
    delivery::with_current(|parent| {
        let bus = match (bus, parent) {
            (Some(bus), _) => bus,
            (None, Some(delivery)) => delivery.bus(),
            (None, None) => match default::get_or_build(published_at) {
                Ok(bus) => bus,
                Err(error) => {
                    let refusal = Refusal::wrong_wiring(error);
                    return ControlFlow::Break(refuse(event.info().name(), published_at, refusal));
                }
            },
        };
        match start_on(bus, event, published_at, parent) {
            Started::Finished(result, returned) => {
                Stage::returned(bus, event.info(), published_at, result, returned)
            }
            // Handlers that do not wait are finished before anything is moved.
            Started::Flying(mut flying) => match flying.poll(context) {
                Poll::Ready(result) => Stage::after(bus, &flying, result),
                Poll::Pending => ControlFlow::Continue(Stage::Flying(flying)),
            },
        }
    })
}

fn start_on<'a>(
    bus: &Bus,
    event: EventRef<'a>,
    published_at: &'static Location<'static>,
    parent: Option<&Delivery>,
) -> Started<'a, Bus> {
    let table = match bus.0.destination(&event, Delivery::nesting_in(parent)) {
        Destination::Later => Shared::new(Arc::clone(&bus.0), |inner| {
            inner.flight_table(event.info()).expect("it was there")
        }),
        // All handlers are synchronous: there is nothing to wait for, and nothing to allocate.
        other => {
            return delivery::deliver(bus, event.info(), published_at, |delivery| {
                Started::Finished(
                    bus.deliver_to(other, &event, delivery),
                    delivery.take_returned(),
                )
            });
        }
    };
    let make = |bus: Link<Bus>| Delivery::new(Some(event.info()), published_at, bus).within(parent);
    let flight = Flight::new(bus.clone(), table, event.value(), make);
    let limit = bus.0.limits.nesting;
    if flight.context().is_too_deep(limit) {
        let delivery = flight.context();
        let result = delivery::resume(delivery, || {
            bus.observed(&event, delivery, || refuse_nesting(delivery, limit))
        });
        return Started::Finished(result, OneOrMany::None);
    }
    Started::Flying(Flying::new(flight, event.info(), &bus.0.observers))
}

/// A publish whose handlers have returned events, of which some may have asynchronous handlers.
struct Cascading {
    bus: Bus,
    event: &'static EventInfo,
    published_at: &'static Location<'static>,
    /// None once it is over.
    cascade: Option<Cascade>,
    flying: Option<Flying<'static, Carried>>,
}

/// What a delivery of a returned event keeps.
struct Carried {
    bus: Bus,
    returned: ReturnedEvent,
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
                    let returned = under_way.delivery().take_returned();
                    *flying = None;
                    cascade.add(result, returned);
                }
                let Some(returned) = cascade.next(bus) else {
                    let result = slot.take().map(Cascade::into_result);
                    return result.map_or(Poll::Pending, Poll::Ready);
                };
                match start_returned(bus, returned, published_at) {
                    Started::Finished(result, returned) => cascade.add(result, returned),
                    Started::Flying(next) => *flying = Some(next),
                }
            }
        })
    }
}

fn start_returned(
    bus: &Bus,
    returned: ReturnedEvent,
    published_at: &'static Location<'static>,
) -> Started<'static, Carried> {
    let info = EventRef::of_returned(&returned).info();
    delivery::with_current(|parent| {
        let nesting = Delivery::nesting_in(parent);
        let table = match bus
            .0
            .destination(&EventRef::of_returned(&returned), nesting)
        {
            Destination::Later => Shared::new(Arc::clone(&bus.0), |inner| {
                inner.flight_table(info).expect("it was there")
            }),
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
                        Started::Finished(result, delivery.take_returned())
                    },
                );
            }
        };
        let make = |carried: Link<Carried>| {
            let bus = carried.map(|carried| &carried.bus);
            let lineage = carried.map(|carried| carried.returned.lineage());
            Delivery::new(Some(info), published_at, bus)
                .returned(lineage, 1)
                .within(parent)
        };
        let carried = Carried {
            bus: bus.clone(),
            returned,
        };
        let flight = Flight::carrying(
            carried,
            table,
            |carried| EventRef::of_returned(&carried.returned).value(),
            make,
        );
        // Its nesting is that of the first event of the publish, which was not too deep.
        Started::Flying(Flying::new(flight, info, &bus.0.observers))
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
                log::returned_discarded(self.event.name(), self.published_at, &waiting);
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
