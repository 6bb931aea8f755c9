//! The loop of an asynchronous publish, which goes as far as the handlers let it, poll by poll.

use std::task::{Context, Poll};

use super::report;
use crate::delivery::{self, Delivery};
use crate::event::EventInfo;
use crate::handler::HandlerInfo;
use crate::log;
use crate::raw::{self, Formation};
use crate::report::{Delivered, Failure, HandlerResult, PublishError};

/// The handlers of one event on one bus, in order, of which some are asynchronous.
pub(crate) type FlightTable = raw::FlightTable<HandlerInfo, Delivery, HandlerResult>;
type Flight<'a, Owner> = raw::Flight<'a, Owner, HandlerInfo, Delivery, HandlerResult>;
type Aboard<'f, 'a, Owner> = raw::Aboard<'f, 'a, Owner, HandlerInfo, Delivery, HandlerResult>;

/// A publish whose handlers have begun.
pub(crate) struct Flying<'a, Owner> {
    flight: Flight<'a, Owner>,
    progress: Progress,
}

impl<'a, Owner> Flying<'a, Owner> {
    pub(crate) fn new(flight: Flight<'a, Owner>, event: &'static EventInfo) -> Self {
        let progress = Progress::new(event, flight.table().infos().len());
        Self { flight, progress }
    }

    /// Goes on until every handler is finished or one waits.
    pub(crate) fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<Delivered, PublishError>> {
        let (delivery, mut flight) = self.flight.board();
        delivery::resume(delivery, || {
            self.progress.advance(&mut flight, delivery, context)
        })
        .map(|()| self.progress.finish(delivery))
    }
}

impl<Owner> Drop for Flying<'_, Owner> {
    /// A publish that is dropped half-way says so. It is the current one while the futures of its handlers are dropped.
    fn drop(&mut self) {
        if self.progress.is_over {
            return;
        }
        let (started, waiting) = self.flight.table().infos().split_at(self.progress.next);
        let cut_off = started
            .iter()
            .enumerate()
            .filter(|(index, _)| self.flight.is_under_way(*index));
        let cut_off: Vec<HandlerInfo> = cut_off.map(|(_, handler)| *handler).collect();
        log::cancelled(self.flight.context(), &cut_off, waiting);
        let (delivery, mut flight) = self.flight.board();
        delivery::resume(delivery, || flight.cut_off());
    }
}

/// How far a publish has come.
struct Progress {
    event: &'static EventInfo,
    /// How many handlers there are.
    count: usize,
    /// The first handler that has not started.
    next: usize,
    under_way: usize,
    failures: Vec<(usize, Failure)>,
    is_over: bool,
}

impl Progress {
    fn new(event: &'static EventInfo, count: usize) -> Self {
        Self {
            event,
            count,
            next: 0,
            under_way: 0,
            failures: Vec::new(),
            is_over: false,
        }
    }

    fn advance<Owner>(
        &mut self,
        flight: &mut Aboard<'_, '_, Owner>,
        delivery: &Delivery,
        context: &mut Context<'_>,
    ) -> Poll<()> {
        let formation = flight.table().formation();
        // In turn, only the last one that was started can be under way.
        let oldest = match formation {
            Formation::InTurn => self.next.saturating_sub(1),
            Formation::Together => 0,
        };
        for index in oldest..self.next {
            if flight.is_under_way(index) {
                self.poll_one(index, flight, delivery, context);
            }
        }
        let must_wait = |progress: &Self| progress.under_way > 0 && formation == Formation::InTurn;
        while self.next < self.count && !self.is_stopped() && !must_wait(self) {
            let index = self.next;
            self.next += 1;
            if let Some(result) = flight.start(index) {
                self.take(index, result, flight, delivery);
            } else {
                self.under_way += 1;
                self.poll_one(index, flight, delivery, context);
            }
        }
        if self.under_way == 0 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    fn poll_one<Owner>(
        &mut self,
        index: usize,
        flight: &mut Aboard<'_, '_, Owner>,
        delivery: &Delivery,
        context: &mut Context<'_>,
    ) {
        if let Poll::Ready(result) = flight.poll(index, context) {
            self.under_way -= 1;
            self.take(index, result, flight, delivery);
        }
    }

    fn take<Owner>(
        &mut self,
        index: usize,
        result: HandlerResult,
        flight: &Aboard<'_, '_, Owner>,
        delivery: &Delivery,
    ) {
        if let Err(failure) = result {
            self.failures.push((
                index,
                report(*failure, flight.table().infos()[index], delivery),
            ));
        }
    }

    fn is_stopped(&self) -> bool {
        self.event.is_fail_fast() && !self.failures.is_empty()
    }

    fn finish(&mut self, delivery: &Delivery) -> Result<Delivered, PublishError> {
        self.is_over = true;
        let delivered = Delivered::to(self.next);
        if self.failures.is_empty() {
            return Ok(delivered);
        }
        // Handlers that run together fail in any order; the report has the handlers' own.
        self.failures.sort_by_key(|(index, _)| *index);
        let failures = self
            .failures
            .drain(..)
            .map(|(_, failure)| failure)
            .collect();
        Err(PublishError::failed(
            delivery.event(),
            delivery.published_at(),
            delivered,
            self.count - self.next,
            failures,
        ))
    }
}
