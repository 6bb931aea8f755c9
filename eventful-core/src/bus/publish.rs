//! A publish of a synchronous event: who handles it, and the one loop over them.

use std::panic::Location;

use super::tables::AimedTable;
use super::{Bus, default, publishing_bus};
use crate::delivery::{self, Delivery};
use crate::dispatch;
use crate::event::mode::{self, Publisher};
use crate::event::{EventInfo, EventRef};
use crate::log;
use crate::raw::Erased;
use crate::report::{Delivered, PublishError, Refusal};

impl Publisher for Bus {
    /// What is decided where an event is published, by the type it has there: how it is published, if it has handlers.
    #[inline]
    fn publish_sync(
        &self,
        event: EventRef<'_>,
        published_at: &'static Location<'static>,
    ) -> Result<Delivered, PublishError> {
        let Some(aimed) = self.0.tables.aim(&event) else {
            return self.publish_slowly(event.info(), event.value(), published_at);
        };
        self.publish_to(aimed, published_at)
    }
}

impl Bus {
    #[inline]
    fn publish_to(
        &self,
        aimed: AimedTable<'_>,
        published_at: &'static Location<'static>,
    ) -> Result<Delivered, PublishError> {
        match aimed.table().head().publish {
            Some(publish) => publish(self, aimed, published_at),
            None => Ok(Delivered::default()),
        }
    }

    /// As `publish_sync`, of an event whose type is not known there.
    fn publish_forgotten(
        &self,
        event: &'static EventInfo,
        value: Erased<'_>,
        published_at: &'static Location<'static>,
    ) -> Result<Delivered, PublishError> {
        match self.0.tables.now(event) {
            Some(table) => self.publish_to(table.aim_at(value), published_at),
            None => self.publish_slowly(event, value, published_at),
        }
    }
}

impl mode::sealed::Sealed for Bus {}

/// The whole of a publish of an event that has handlers, on a bus that nobody watches.
pub(super) fn to_all(
    bus: &Bus,
    aimed: AimedTable<'_>,
    published_at: &'static Location<'static>,
) -> Result<Delivered, PublishError> {
    delivery::deliver_and(
        bus,
        aimed.table().head().event,
        published_at,
        |delivery, around| {
            // A publish that is in nothing is not too deep.
            if around.is_some() && delivery.is_too_deep(bus.0.limits.nesting) {
                return None;
            }
            dispatch::run(aimed, delivery);
            Some(aimed.table().head().delivered)
        },
        |delivered, delivery| match delivered {
            Some(delivered) => Ok(delivered),
            None => refuse_nesting(delivery, bus.0.limits.nesting),
        },
        |_, delivery| finish(aimed, delivery),
    )
}

/// As [`to_all`], of an event that says `fail_fast`.
pub(super) fn fail_fast(
    bus: &Bus,
    aimed: AimedTable<'_>,
    published_at: &'static Location<'static>,
) -> Result<Delivered, PublishError> {
    let event = aimed.table().head().event;
    delivery::deliver(bus, event, published_at, |delivery| {
        if delivery.is_too_deep(bus.0.limits.nesting) {
            return refuse_nesting(delivery, bus.0.limits.nesting);
        }
        let not_run = dispatch::run_fail_fast(aimed, delivery);
        result(aimed, not_run, delivery)
    })
}

/// As [`to_all`], on a bus that is watched.
pub(super) fn watched(
    bus: &Bus,
    aimed: AimedTable<'_>,
    published_at: &'static Location<'static>,
) -> Result<Delivered, PublishError> {
    bus.publish_slowly(aimed.table().head().event, aimed.subject(), published_at)
}

/// The result of a publish in which a handler has failed, was skipped or has returned an event.
#[cold]
#[inline(never)]
fn finish(aimed: AimedTable<'_>, delivery: &Delivery) -> Result<Delivered, PublishError> {
    delivery::resume(delivery, || result(aimed, 0, delivery))
}

/// What came of handlers that have run, of which `not_run` have not; what they returned is published now.
fn result(
    aimed: AimedTable<'_>,
    not_run: usize,
    delivery: &Delivery,
) -> Result<Delivered, PublishError> {
    let count = aimed.table().infos().len();
    let result = dispatch::finish(count, not_run, delivery.take_failures(), delivery);
    publishing_bus(delivery).finish(result, delivery)
}

#[cold]
pub(super) fn refuse_nesting(delivery: &Delivery, limit: u32) -> Result<Delivered, PublishError> {
    refuse(
        delivery.event(),
        delivery.published_at(),
        Refusal::nesting_limit(limit, delivery.causes()),
    )
}

#[cold]
pub(super) fn refuse(
    event: &'static str,
    published_at: &'static Location<'static>,
    refusal: Refusal,
) -> Result<Delivered, PublishError> {
    let error = PublishError::refused(event, published_at, refusal);
    log::refusal(&error);
    Err(error)
}

/// Publishes on the [current](Bus::current) bus: the body of every `event.publish()`.
#[inline]
pub(crate) fn publish_current(
    event: EventRef<'_>,
    published_at: &'static Location<'static>,
) -> Result<Delivered, PublishError> {
    match default::get() {
        Some(bus) if delivery::with_current(|current| current.is_none()) => {
            bus.publish_sync(event, published_at)
        }
        _ => publish_elsewhere(event.info(), event.value(), published_at),
    }
}

/// A publish in a scope, by a handler, or before there is a default bus.
fn publish_elsewhere(
    event: &'static EventInfo,
    value: Erased<'_>,
    published_at: &'static Location<'static>,
) -> Result<Delivered, PublishError> {
    delivery::with_current(|current| match current {
        Some(delivery) => publishing_bus(delivery).publish_forgotten(event, value, published_at),
        None => match default::get_or_build(published_at) {
            Ok(bus) => bus.publish_forgotten(event, value, published_at),
            Err(error) => refuse(event.name(), published_at, Refusal::wrong_wiring(error)),
        },
    })
}
