//! Events that handlers returned: each is published once all handlers of the event before have run, first in, first out.

use std::collections::VecDeque;
use std::panic::Location;

use super::Bus;
use crate::delivery::{self, Delivery, ReturnedEvent};
use crate::event::EventInfo;
use crate::log;
use crate::report::{Delivered, PublishError, Refusal, Report};

impl Bus {
    /// Ends a publish whose handlers have run with `result`: publishes what they returned, and what the handlers of that
    /// returned, and so on.
    #[cold]
    pub(super) fn finish(
        &self,
        result: Result<Delivered, PublishError>,
        delivery: &Delivery,
    ) -> Result<Delivered, PublishError> {
        let returned = delivery.take_returned();
        if returned.is_empty() {
            return result;
        }
        let mut cascade = Cascade::new(result, returned, delivery.published_at());
        while let Some(returned) = cascade.next(self) {
            let ReturnedEvent { event, lineage } = returned;
            let event = event.borrow();
            let (result, returned) = delivery::deliver_returned(
                self,
                event.info(),
                delivery.published_at(),
                lineage,
                // As deep as the publish around it, to which it belongs.
                0,
                |delivery| (self.deliver(&event, delivery), delivery.take_returned()),
            );
            cascade.add(result, returned);
        }
        cascade.into_result(delivery.event())
    }
}

/// A publish on its way through the events that its handlers returned.
pub(super) struct Cascade {
    report: Report,
    queue: VecDeque<ReturnedEvent>,
    /// How many of them were delivered.
    delivered: u32,
    published_at: &'static Location<'static>,
}

impl Cascade {
    pub(super) fn new(
        result: Result<Delivered, PublishError>,
        returned: Vec<ReturnedEvent>,
        published_at: &'static Location<'static>,
    ) -> Self {
        Self {
            report: Report::of(result),
            queue: returned.into(),
            delivered: 0,
            published_at,
        }
    }

    /// The event that comes next. None if that was all, or if it is one too many, which is then in the result.
    pub(super) fn next(&mut self, bus: &Bus) -> Option<ReturnedEvent> {
        let returned = self.queue.pop_front()?;
        let limit = bus.0.limits.cascade;
        if self.delivered < limit {
            self.delivered += 1;
            return Some(returned);
        }
        let around = delivery::current_causes();
        let chain = returned.lineage.causes().chain(around).collect();
        let event = returned.event.borrow().info().name();
        let refusal = Refusal::cascade_limit(limit, event, chain);
        log::refusal(&PublishError::refused(
            event,
            self.published_at,
            refusal.clone(),
        ));
        self.report.refusal = Some(refusal);
        self.queue.clear();
        None
    }

    /// Takes what came of the event that was next.
    pub(super) fn add(
        &mut self,
        result: Result<Delivered, PublishError>,
        returned: Vec<ReturnedEvent>,
    ) {
        self.report.add_cascaded(result);
        self.queue.extend(returned);
    }

    pub(super) fn into_result(mut self, event: &'static str) -> Result<Delivered, PublishError> {
        self.report.delivered = self.report.delivered.cascading(self.delivered);
        self.report.into_result(event, self.published_at)
    }

    /// The names of the events that wait.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &'static str> {
        self.queue
            .iter()
            .map(|returned| returned.event.borrow().info())
            .map(EventInfo::name)
    }
}
