//! The future of an asynchronous publish.

use std::fmt;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::{Bus, default, publishing_bus, refuse, refuse_nesting};
use crate::delivery::{self, Delivery};
use crate::dispatch::Flying;
use crate::event::mode::{Async, Mode, Publisher};
use crate::event::{Event, EventRef};
use crate::log;
use crate::raw::{Flight, Link, Shared};
use crate::report::{Delivered, PublishError, Refusal};

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
/// Dropping it stops at the await it is in. The handler that is cut off there, and those that never started, are then
/// logged, once.
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
    Finished,
}

impl Mode for Async {
    type Publication<'a, E: Event> = Publishing<'a, E>;

    fn __publish<'a, E: Event<Mode = Self>>(
        publisher: &'a impl Publisher,
        event: &'a E,
        published_at: &'static Location<'static>,
    ) -> Publishing<'a, E> {
        Publishing::new(Some(super::as_bus(publisher)), event, published_at)
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

impl<E> Future for Publishing<'_, E> {
    type Output = Result<Delivered, PublishError>;

    /// # Panics
    ///
    /// If it is polled again after it was ready.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let stage = &mut self.get_mut().stage;
        if let Stage::Unstarted {
            bus,
            event,
            published_at,
        } = *stage
        {
            *stage = Stage::Finished;
            match start(bus, event, published_at) {
                Started::Finished(result) => return Poll::Ready(result),
                Started::Flying(flying) => *stage = Stage::Flying(flying),
            }
        }
        let Stage::Flying(flying) = stage else {
            panic!("`Publishing` was polled after it was ready")
        };
        let polled = flying.poll(context);
        if polled.is_ready() {
            *stage = Stage::Finished;
        }
        polled
    }
}

enum Started<'a> {
    Finished(Result<Delivered, PublishError>),
    Flying(Flying<'a, Bus>),
}

fn start<'a>(
    bus: Option<&'a Bus>,
    event: EventRef<'a>,
    published_at: &'static Location<'static>,
) -> Started<'a> {
    delivery::with_current(|parent| {
        let bus = match (bus, parent) {
            (Some(bus), _) => bus,
            (None, Some(delivery)) => publishing_bus(delivery),
            (None, None) => match default::get_or_build(published_at) {
                Ok(bus) => bus,
                Err(error) => {
                    return Started::Finished(refuse(
                        event,
                        published_at,
                        Refusal::wrong_wiring(error),
                    ));
                }
            },
        };
        start_on(bus, event, published_at, parent)
    })
}

fn start_on<'a>(
    bus: &Bus,
    event: EventRef<'a>,
    published_at: &'static Location<'static>,
    parent: Option<&Delivery>,
) -> Started<'a> {
    if bus.0.flight_table(event.entry(), event.info()).is_none() {
        // All handlers are synchronous: there is nothing to wait for, and nothing to allocate.
        return Started::Finished(bus.publish_sync(event, published_at));
    }
    let table = Shared::new(Arc::clone(&bus.0), |inner| {
        inner
            .flight_table(event.entry(), event.info())
            .expect("it was there")
    });
    let make = |bus: Link<Bus>| {
        let publisher = bus.map(|bus| bus as &dyn Publisher);
        Delivery::new(Some(event.info()), published_at, publisher, parent)
    };
    let flight = Flight::new(bus.clone(), table, event.value(), make);
    if flight.context().nesting() >= bus.0.nesting_limit {
        return Started::Finished(delivery::resume(flight.context(), || {
            refuse_nesting(event, flight.context(), bus.0.nesting_limit)
        }));
    }
    Started::Flying(Flying::new(flight, event.info()))
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
            Stage::Flying(_) => "under way",
            Stage::Finished => "finished",
        };
        write!(formatter, "Publishing({stage})")
    }
}
