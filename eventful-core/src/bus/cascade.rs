//! Events that handlers returned: each is published once all handlers of the event before have run, first in, first out.

use std::collections::VecDeque;
use std::mem;
use std::panic::Location;

use super::Bus;
use crate::delivery::{self, Delivery};
use crate::dispatch;
use crate::event::{EventInfo, EventRef};
use crate::log;
use crate::report::{Aftermath, Delivered, OneOrMany, PublishError, Refusal, ReturnedEvent};

impl Bus {
    /// Publishes what the handlers of a delivery have returned, and what the handlers of that returned, and so on.
    pub(super) fn cascade(
        &self,
        aftermath: Box<Aftermath>,
        delivery: &Delivery,
    ) -> Result<Delivered, PublishError> {
        let published_at = delivery.published_at();
        let mut cascade = Cascade::new(aftermath, published_at);
        while let Some(returned) = cascade.next(self) {
            let (event, lineage) = (EventRef::of_returned(&returned), returned.lineage());
            // As deep as the publish around it, to which it belongs.
            let deliver = |delivery: &Delivery| match self.0.tables.fast(event.info()) {
                Some(table) if !delivery.is_fail_fast() => {
                    let count = table
                        .aim_at(event.value())
                        .map_or(0, |aimed| dispatch::run(aimed, delivery));
                    match dispatch::finish(count, 0, delivery) {
                        Ok(delivered) => (Ok(delivered), OneOrMany::None),
                        Err(mut aftermath) => {
                            let returned = mem::take(&mut aftermath.returned);
                            (aftermath.into_result(), returned)
                        }
                    }
                }
                _ => (self.deliver(&event, delivery), delivery.take_returned()),
            };
            let (result, returned) =
                delivery::deliver_returned(self, event.info(), published_at, lineage, 0, deliver);
            cascade.add(result, returned);
        }
        cascade.into_result()
    }
}

/// A publish on its way through the events that its handlers returned.
pub(super) struct Cascade {
    aftermath: Box<Aftermath>,
    next: Option<ReturnedEvent>,
    /// What comes after the next one.
    rest: VecDeque<ReturnedEvent>,
    /// How many of them were delivered.
    delivered: u32,
    published_at: &'static Location<'static>,
}

impl Cascade {
    /// Of a publish whose own handlers have run.
    pub(super) fn new(
        mut aftermath: Box<Aftermath>,
        published_at: &'static Location<'static>,
    ) -> Self {
        let returned = mem::take(&mut aftermath.returned);
        let mut cascade = Self {
            aftermath,
            next: None,
            rest: VecDeque::new(),
            delivered: 0,
            published_at,
        };
        cascade.enqueue(returned);
        cascade
    }

    fn enqueue(&mut self, returned: OneOrMany<ReturnedEvent>) {
        match returned {
            OneOrMany::None => {}
            OneOrMany::One(event) if self.next.is_none() => self.next = Some(event),
            many => {
                self.rest.extend(many);
                if self.next.is_none() {
                    self.next = self.rest.pop_front();
                }
            }
        }
    }

    /// The event that comes next. None if that was all, or if it is one too many, which is then in the result.
    pub(super) fn next(&mut self, bus: &Bus) -> Option<ReturnedEvent> {
        let returned = self.next.take()?;
        self.next = self.rest.pop_front();
        let limit = bus.0.limits.cascade;
        if self.delivered < limit {
            self.delivered += 1;
            return Some(returned);
        }
        let around = delivery::current_causes();
        let chain = returned.lineage().causes().chain(around).collect();
        let event = EventRef::of_returned(&returned).info().name();
        let refusal = Refusal::cascade_limit(limit, event, chain);
        log::refusal(&PublishError::refused(
            event,
            self.published_at,
            refusal.clone(),
        ));
        self.aftermath.refusal = Some(refusal);
        self.next = None;
        self.rest.clear();
        None
    }

    /// Takes what came of the event that was next.
    pub(super) fn add(
        &mut self,
        result: Result<Delivered, PublishError>,
        returned: OneOrMany<ReturnedEvent>,
    ) {
        self.aftermath.add_cascaded(result);
        self.enqueue(returned);
    }

    pub(super) fn into_result(mut self) -> Result<Delivered, PublishError> {
        self.aftermath.delivered = self.aftermath.delivered.cascading(self.delivered);
        self.aftermath.into_result()
    }

    /// The names of the events that wait.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &'static str> {
        self.next
            .iter()
            .chain(&self.rest)
            .map(|returned| EventRef::of_returned(returned).info())
            .map(EventInfo::name)
    }
}
