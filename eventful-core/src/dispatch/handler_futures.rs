//! The handlers of an asynchronous publish, which go as far as they can at each poll.

use std::task::{Context, Poll, ready};

use super::observed::Observed;
use crate::delivery::Delivery;
use crate::event::EventInfo;
use crate::handler::HandlerInfo;
use crate::log;
use crate::observe::Observers;
use crate::raw::{self, CallFutures, ColdBox};
use crate::report::{Delivered, Settled};

/// The handlers of one event on one bus, in order, of which some are asynchronous.
pub(crate) type AsyncTable = raw::AsyncTable<Delivery>;
pub(crate) type AsyncCalls<'a> = raw::AsyncCalls<'a, Delivery>;
pub(super) type Poller<'f, 'a, Owner> = raw::Poller<'f, 'a, Owner, Delivery>;

/// The handlers of one delivery, and the futures of those that have started.
pub(crate) struct HandlerFutures<'a, Owner> {
    futures: CallFutures<'a, Owner, Delivery>,
    is_over: bool,
    observed: Option<ColdBox<Observed>>,
}

impl<'a, Owner> HandlerFutures<'a, Owner> {
    /// Tells the observers of the bus that the publish starts, if it has any.
    #[inline]
    pub(crate) fn new(
        futures: CallFutures<'a, Owner, Delivery>,
        event: &'static EventInfo,
        observers_of: impl FnOnce(&Delivery) -> &Observers,
    ) -> Self {
        let delivery = futures.context();
        let observers = observers_of(delivery);
        let observed = (!observers.is_empty())
            .then(|| ColdBox::new(Box::new(Observed::start(event, observers, delivery))));
        Self {
            futures,
            is_over: false,
            observed,
        }
    }

    #[inline]
    pub(crate) fn delivery(&self) -> &Delivery {
        self.futures.context()
    }

    /// Polls until every handler is finished or one waits.
    #[inline]
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Settled> {
        let Self {
            futures,
            is_over,
            observed,
        } = self;
        let (delivery, mut poller) = futures.split();
        let poller = &mut poller;
        delivery.resume(|| {
            if let Some(observed) = observed {
                ready!(observed.poll(poller, delivery, context));
            } else {
                let is_fail_fast = delivery.is_fail_fast();
                let is_stopped = |delivery: &Delivery| is_fail_fast && delivery.has_failed();
                ready!(poller.poll(is_stopped, context));
            }
            *is_over = true;
            if delivery.is_plain() && observed.is_none() {
                // None has failed, so that all have run.
                let delivered = Delivered::to(poller.table().infos().len());
                return Poll::Ready(Ok(delivered).into());
            }
            Poll::Ready(settle(poller, delivery, observed))
        })
    }
}

/// Ends a delivery of which some handlers have failed, were skipped, have returned events, or were observed.
#[cold]
fn settle<Owner>(
    poller: &mut Poller<'_, '_, Owner>,
    delivery: &Delivery,
    observed: &mut Option<ColdBox<Observed>>,
) -> Settled {
    let handlers = poller.table().infos();
    delivery.sort_failures(handlers);
    let settled = delivery.settle(handlers.len(), handlers.len() - poller.started());
    if let Some(observed) = observed {
        observed.finish(&settled.result, poller, delivery);
    }
    settled
}

impl<Owner> Drop for HandlerFutures<'_, Owner> {
    #[inline]
    fn drop(&mut self) {
        if !self.is_over {
            self.cancel();
        }
    }
}

impl<Owner> HandlerFutures<'_, Owner> {
    /// Logs a publish that is dropped before its end. It is the current one while the futures of its handlers are dropped.
    #[cold]
    fn cancel(&mut self) {
        let futures = &self.futures;
        let (started, waiting) = futures.table().infos().split_at(futures.started());
        let cancelled: Vec<HandlerInfo> = started
            .iter()
            .enumerate()
            .filter(|(index, _)| futures.is_pending(*index))
            .map(|(_, handler)| *handler)
            .collect();
        log::cancelled(self.delivery(), &cancelled, waiting);
        let observed = self.observed.take();
        let (delivery, mut poller) = self.futures.split();
        delivery.resume(|| {
            poller.cancel();
            let returned = delivery.take_returned();
            if !returned.is_empty() {
                let returned = returned.as_slice().iter();
                let names: Vec<_> = returned
                    .map(|returned| returned.event().info().name())
                    .collect();
                log::returned_discarded(delivery.event_name(), delivery.published_at(), &names);
            }
            drop(returned);
            if let Some(observed) = observed {
                observed.into_inner().cancelled(&mut poller, delivery);
            }
        });
    }
}
