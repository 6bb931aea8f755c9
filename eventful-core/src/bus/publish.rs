//! A publish of a synchronous event, from the call to its result: the fast path.

use std::mem::ManuallyDrop;
use std::panic::Location;

use super::{Bus, default, refuse};
use crate::delivery::{self, Delivery};
use crate::dispatch::{self, Calls, Lookup};
use crate::event::mode::{InProcess, Sync};
use crate::event::{Event, EventInfo, EventRef};
use crate::raw::Erased;
use crate::report::{Delivered, PublishError, Refusal};

#[diagnostic::do_not_recommend]
impl InProcess for Sync {
    type Publication<'a, E: Event> = Result<Delivered, PublishError>;

    #[inline]
    fn __publish<'a, E: Event<Mode = Self>>(
        bus: &'a Bus,
        event: &'a E,
        published_at: &'static Location<'static>,
    ) -> Self::Publication<'a, E> {
        bus.publish_sync(EventRef::new(event), published_at)
    }
}

/// Publishes on the [current](Bus::current) bus: the body of every `event.publish()`.
///
/// Most publishes are in no scope and by no handler, and so on the default bus. Its table is looked up first. The
/// current bus of the thread is looked up once, when the delivery is entered.
#[inline]
pub(crate) fn publish_current(
    event: EventRef<'_>,
    published_at: &'static Location<'static>,
) -> Result<Delivered, PublishError> {
    if let Some(bus) = default::get() {
        match bus.0.tables.lookup(&event) {
            Lookup::Calls(calls) => {
                return deliver_optimistically(bus, calls, published_at);
            }
            Lookup::NoCalls if delivery::is_outermost() => {
                return Ok(Delivered::default());
            }
            Lookup::NoCalls | Lookup::SlowPath => {}
        }
    }
    publish_elsewhere(event.info(), event.value(), published_at)
}

/// Publishes in a scope, by a handler, or before there is a default bus.
#[cold]
fn publish_elsewhere(
    event: &'static EventInfo,
    value: Erased<'_>,
    published_at: &'static Location<'static>,
) -> Result<Delivered, PublishError> {
    let event = EventRef::from_parts(event, value);
    delivery::with_current(|current| match current {
        Some(delivery) => delivery.bus().publish_sync(event, published_at),
        None => match default::get_or_build(published_at) {
            Ok(bus) => bus.publish_sync(event, published_at),
            Err(error) => {
                let refusal = Refusal::wrong_wiring(error);
                Err(refuse::refuse(event.info().name(), published_at, refusal))
            }
        },
    })
}

impl Bus {
    /// Looks the handlers up. Inlined where the event is published, whose type is known there.
    #[inline]
    pub(super) fn publish_sync(
        &self,
        event: EventRef<'_>,
        published_at: &'static Location<'static>,
    ) -> Result<Delivered, PublishError> {
        match self.0.tables.lookup(&event) {
            Lookup::Calls(calls) => self.deliver_fast(calls, published_at),
            Lookup::NoCalls => Ok(Delivered::default()),
            Lookup::SlowPath => self.publish_slow(event.info(), event.value(), published_at),
        }
    }

    /// Delivers an event that has handlers, on a bus that nobody watches.
    #[inline(never)]
    fn deliver_fast(
        &self,
        calls: Calls<'_>,
        published_at: &'static Location<'static>,
    ) -> Result<Delivered, PublishError> {
        // What is left in it is taken out when it is settled: there is nothing to drop.
        let delivery = ManuallyDrop::new(Delivery::on(self, calls.about(), published_at));
        delivery.enter(|around| {
            if around.is_some() && is_too_deep(&delivery) {
                return Err(refuse::nesting(&delivery));
            }
            run_and_settle(calls, &delivery)
        })
    }
}

/// Delivers an event that has handlers on the default bus, where that is the current one; else on that one.
#[inline(never)]
fn deliver_optimistically(
    default: &Bus,
    calls: Calls<'_>,
    published_at: &'static Location<'static>,
) -> Result<Delivered, PublishError> {
    let delivery = ManuallyDrop::new(Delivery::on(default, calls.about(), published_at));
    delivery.enter(|around| match around {
        None => run_and_settle(calls, &delivery),
        Some(around) => delivery.on_bus_of(around, || deliver_within(calls, &delivery)),
    })
}

/// Delivers an event, whose handlers on the default bus are `calls`, on the bus of a delivery that is in a scope or by a handler.
#[inline(never)]
fn deliver_within(calls: Calls<'_>, delivery: &Delivery) -> Result<Delivered, PublishError> {
    let bus = delivery.bus();
    let lookup = match calls.indexed() {
        Some(indexed) => bus.0.tables.lookup_indexed(indexed),
        None => Lookup::SlowPath,
    };
    match lookup {
        Lookup::Calls(_) if delivery.is_too_deep(bus.0.limits.nesting) => {
            Err(refuse::nesting(delivery))
        }
        Lookup::Calls(calls) => run_and_settle(calls, delivery),
        Lookup::NoCalls => Ok(Delivered::default()),
        Lookup::SlowPath => deliver_slow_within(calls, delivery),
    }
}

#[cold]
#[inline(never)]
fn deliver_slow_within(calls: Calls<'_>, delivery: &Delivery) -> Result<Delivered, PublishError> {
    delivery.bus().deliver_slow(&EventRef::of(calls), delivery)
}

/// Calls the handlers, and ends the publish.
#[inline]
fn run_and_settle(calls: Calls<'_>, delivery: &Delivery) -> Result<Delivered, PublishError> {
    let count = dispatch::run(calls, delivery);
    if delivery.is_plain() {
        return Ok(Delivered::to(count));
    }
    settle(count, delivery)
}

// Out of line, so that a publish that is in nothing goes straight on.
#[cold]
#[inline(never)]
fn is_too_deep(delivery: &Delivery) -> bool {
    delivery.is_too_deep(delivery.bus().0.limits.nesting)
}

/// Ends a publish of which a handler has failed, was skipped or has returned an event.
#[cold]
#[inline(never)]
fn settle(count: usize, delivery: &Delivery) -> Result<Delivered, PublishError> {
    delivery
        .end(count)
        .unwrap_or_else(|settled| delivery.bus().cascade(settled, delivery))
}
