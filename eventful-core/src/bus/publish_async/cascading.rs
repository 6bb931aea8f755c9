//! The events that the handlers of an asynchronous publish have returned.

use std::panic::Location;
use std::task::{Context, Poll, ready};

use super::{FuturesOwner, Owned, Running, Started, calls_of, observers_of, poll_running};
use crate::bus::Bus;
use crate::bus::cascade::Cascade;
use crate::delivery::{self, Delivery};
use crate::dispatch::HandlerFutures;
use crate::raw::CallFutures;
use crate::report::{Delivered, PublishError, ReturnedEvent, Settled};

/// A publish whose handlers have returned events, of which some may have asynchronous handlers.
pub(in crate::bus) struct Cascading {
    bus: Bus,
    /// `None` once it is over.
    cascade: Option<Cascade>,
    running: Option<Running<'static>>,
}

impl Cascading {
    pub(super) fn new(delivery: &Delivery, settled: Settled) -> Self {
        let (event, published_at) = (delivery.event_name(), delivery.published_at());
        Self {
            bus: delivery.bus().clone(),
            cascade: Some(Cascade::new(settled, event, published_at)),
            running: None,
        }
    }

    pub(super) fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<Delivered, PublishError>> {
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
                    ready!(poll_running(futures, context));
                    cascade.add(futures.settle(|_, settled| settled));
                    *running = None;
                }
                let Some(returned) = cascade.next(bus) else {
                    let result = slot.take().map(Cascade::into_result);
                    return result.map_or(Poll::Pending, Poll::Ready);
                };
                match start_returned(bus, returned, cascade.published_at()) {
                    Started::Running(next) => *running = Some(next),
                    Started::Over(settled) => cascade.add(settled),
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

/// Starts the delivery of an event that a handler has returned.
fn start_returned(
    bus: &Bus,
    returned: ReturnedEvent,
    published_at: &'static Location<'static>,
) -> Started<'static, Settled> {
    delivery::with_current(|parent| {
        let event = returned.event();
        let info = event.info();
        let destination = bus.0.destination(&event, Delivery::nesting_in(parent));
        // It is as deep as the first one of the publish, which was not too deep.
        if destination.futures().is_none() {
            return Started::Over(bus.deliver_returned_to(&destination, &returned, published_at));
        }
        let futures = CallFutures::new(
            FuturesOwner::Bus(bus.clone(), Owned::Returned(returned)),
            |owner| calls_of(owner.bus(), owner.returned().event()),
            |owner| {
                Delivery::new(Some(info), published_at, owner.map(FuturesOwner::bus))
                    .returned(owner.map(|owner| owner.returned().lineage()))
            },
        );
        Started::Running(HandlerFutures::new(futures, info, parent, observers_of))
    })
}
