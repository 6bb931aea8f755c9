//! A publish of a synchronous event: who handles it, and the one loop over them.

use std::panic::Location;

use super::tables::{Aim, AimedTable};
use super::{Bus, default};
use crate::delivery::{self, Delivery};
use crate::dispatch;
use crate::event::mode::{self, Mode, Publisher, Sync};
use crate::event::{Event, EventInfo, EventRef, One};
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
        match self.0.tables.aim(&event) {
            Aim::At(aimed) => (aimed.table().head().publish)(self, aimed, published_at),
            Aim::AtNothing => Ok(Delivered::default()),
            Aim::Beside => self.publish_slowly(event.info(), event.value(), published_at),
        }
    }
}

impl mode::sealed::Sealed for Bus {}

impl Mode for Sync {
    type Publication<'a, E: Event> = Result<Delivered, PublishError>;
    type __Only<E: Event> = One<E>;
    type __Publisher = Bus;
    const __IS_ASYNC: bool = false;

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
#[inline]
pub(crate) fn publish_current(
    event: EventRef<'_>,
    published_at: &'static Location<'static>,
) -> Result<Delivered, PublishError> {
    // Most often it is the default bus. Whether it is, whoever looks at the thread anyway finds out.
    if let Some(bus) = default::get() {
        match bus.0.tables.aim(&event) {
            Aim::At(aimed) => {
                return (aimed.table().head().publish_current)(bus, aimed, published_at);
            }
            Aim::AtNothing if delivery::with_current(|current| current.is_none()) => {
                return Ok(Delivered::default());
            }
            Aim::AtNothing | Aim::Beside => {}
        }
    }
    publish_elsewhere(event.info(), event.value(), published_at)
}

/// A publish in a scope, by a handler, or before there is a default bus.
#[cold]
fn publish_elsewhere(
    event: &'static EventInfo,
    value: Erased<'_>,
    published_at: &'static Location<'static>,
) -> Result<Delivered, PublishError> {
    delivery::with_current(|current| match current {
        Some(delivery) => delivery.bus().publish_forgotten(event, value, published_at),
        None => match default::get_or_build(published_at) {
            Ok(bus) => bus.publish_forgotten(event, value, published_at),
            Err(error) => refuse(event.name(), published_at, Refusal::wrong_wiring(error)),
        },
    })
}

impl Bus {
    /// As `publish_sync`, of an event whose type is not known there.
    fn publish_forgotten(
        &self,
        event: &'static EventInfo,
        value: Erased<'_>,
        published_at: &'static Location<'static>,
    ) -> Result<Delivered, PublishError> {
        let Some(table) = self.0.tables.fast(event) else {
            return self.publish_slowly(event, value, published_at);
        };
        match table.aim_at(value) {
            Some(aimed) => (table.head().publish)(self, aimed, published_at),
            None => Ok(Delivered::default()),
        }
    }
}

/// The whole of a publish of an event that has handlers, on a bus that nobody watches.
pub(super) fn to_all(
    bus: &Bus,
    aimed: AimedTable<'_>,
    published_at: &'static Location<'static>,
) -> Result<Delivered, PublishError> {
    deliver_to_all(bus, aimed, published_at, is_too_deep, |delivery| {
        refuse_nesting(delivery, limit_of(delivery))
    })
}

/// As [`to_all`], on the current bus, which most often is `bus`.
pub(super) fn to_all_on_current(
    bus: &Bus,
    aimed: AimedTable<'_>,
    published_at: &'static Location<'static>,
) -> Result<Delivered, PublishError> {
    deliver_to_all(
        bus,
        aimed,
        published_at,
        |_| true,
        |delivery| {
            let event = aimed.table().head().event;
            publish_elsewhere(event, aimed.subject(), delivery.published_at())
        },
    )
}

// Out of line, so that a publish that is in nothing goes straight on.
#[cold]
#[inline(never)]
fn is_too_deep(delivery: &Delivery) -> bool {
    delivery.is_too_deep(limit_of(delivery))
}

/// Asked of the delivery, so that nobody keeps the bus for it.
fn limit_of(delivery: &Delivery) -> u32 {
    delivery.bus().0.limits.nesting
}

/// Calls the handlers, unless the publish is within something and `is_wrong`: then it is `otherwise`.
#[inline]
fn deliver_to_all(
    bus: &Bus,
    aimed: AimedTable<'_>,
    published_at: &'static Location<'static>,
    is_wrong: impl FnOnce(&Delivery) -> bool,
    otherwise: impl FnOnce(&Delivery) -> Result<Delivered, PublishError>,
) -> Result<Delivered, PublishError> {
    delivery::deliver_and(
        bus,
        aimed.table().head().event,
        published_at,
        |delivery, around| {
            if around.is_some() && is_wrong(delivery) {
                return None;
            }
            Some(dispatch::run(aimed, delivery))
        },
        |count, delivery| match count {
            Some(count) => Ok(Delivered::to(count)),
            None => otherwise(delivery),
        },
        |count, delivery| finish(count.unwrap_or_default(), delivery),
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
        let count = aimed.table().infos().len();
        dispatch::finish(count, not_run, delivery)
            .or_else(|aftermath| bus.cascade(aftermath, delivery))
    })
}

/// As [`fail_fast`], on the current bus, which most often is `bus`.
pub(super) fn fail_fast_on_current(
    bus: &Bus,
    aimed: AimedTable<'_>,
    published_at: &'static Location<'static>,
) -> Result<Delivered, PublishError> {
    if delivery::with_current(|current| current.is_none()) {
        return fail_fast(bus, aimed, published_at);
    }
    publish_elsewhere(aimed.table().head().event, aimed.subject(), published_at)
}

/// The result of a publish in which a handler has failed, was skipped or has returned an event.
#[cold]
#[inline(never)]
fn finish(count: usize, delivery: &Delivery) -> Result<Delivered, PublishError> {
    dispatch::finish(count, 0, delivery).or_else(|aftermath| {
        if aftermath.returned.is_empty() {
            return aftermath.into_result();
        }
        // What handlers have returned is published within the publish.
        delivery::resume(delivery, || delivery.bus().cascade(aftermath, delivery))
    })
}

#[cold]
pub(super) fn refuse_nesting(delivery: &Delivery, limit: u32) -> Result<Delivered, PublishError> {
    refuse(
        delivery.event_name(),
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
