//! The handlers of an asynchronous publish, which go as far as they can at each poll.

use std::task::{Context, Poll};

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
    /// `None` once the delivery has ended.
    futures: Option<CallFutures<'a, Owner, Delivery>>,
    observed: Option<ColdBox<Observed>>,
}

impl<'a, Owner> HandlerFutures<'a, Owner> {
    /// Places the delivery within `parent`, and tells the observers of its bus that the publish starts, if there are any.
    #[inline]
    pub(crate) fn new(
        futures: CallFutures<'a, Owner, Delivery>,
        event: &'static EventInfo,
        parent: Option<&Delivery>,
        observers_of: impl FnOnce(&Delivery) -> &Observers,
    ) -> Self {
        let delivery = futures.context();
        delivery.place_within(parent);
        let observers = observers_of(delivery);
        let observed = (!observers.is_empty()).then(|| Observed::start(event, observers, delivery));
        Self {
            futures: Some(futures),
            observed,
        }
    }

    /// Polls until every handler is finished or one waits. When they are finished, the delivery is to be ended.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(futures) = &mut self.futures else {
            return Poll::Ready(());
        };
        let (delivery, mut poller) = futures.split();
        let poller = &mut poller;
        delivery.resume(|| {
            if let Some(observed) = &mut self.observed {
                return observed.poll(poller, delivery, context);
            }
            let is_fail_fast = delivery.is_fail_fast();
            let is_stopped = |delivery: &Delivery| is_fail_fast && delivery.has_failed();
            poller.poll(is_stopped, context)
        })
    }

    /// Ends the delivery if there is nothing to tell but how many handlers have run.
    #[inline]
    pub(crate) fn delivered(&mut self) -> Option<Delivered> {
        let futures = self.futures.as_ref()?;
        if !futures.context().is_plain() || self.observed.is_some() {
            return None;
        }
        // None has failed, so that all have run.
        let delivered = Delivered::to(futures.table().infos().len());
        self.futures = None;
        Some(delivered)
    }

    /// Ends the delivery with `end`.
    ///
    /// # Panics
    ///
    /// If it has ended before.
    #[cold]
    pub(crate) fn settle<T>(&mut self, end: impl FnOnce(&Delivery, Settled) -> T) -> T {
        let mut futures = self.futures.take().expect("it ends once");
        let (delivery, mut poller) = futures.split();
        let handlers = poller.table().infos();
        delivery.sort_failures(handlers);
        let settled = delivery.settle(handlers.len(), handlers.len() - poller.started());
        if let Some(observed) = &mut self.observed {
            delivery.resume(|| observed.finish(&settled.result, &mut poller, delivery));
        }
        end(delivery, settled)
    }
}

impl<Owner> Drop for HandlerFutures<'_, Owner> {
    #[inline]
    fn drop(&mut self) {
        if let Some(futures) = self.futures.take() {
            cancel(futures, self.observed.take());
        }
    }
}

/// Logs a publish that is dropped before its end. It is the current one while the futures of its handlers are dropped.
#[cold]
#[inline(never)]
fn cancel<Owner>(
    mut futures: CallFutures<'_, Owner, Delivery>,
    observed: Option<ColdBox<Observed>>,
) {
    let (started, waiting) = futures.table().infos().split_at(futures.started());
    let cancelled: Vec<HandlerInfo> = started
        .iter()
        .enumerate()
        .filter(|(index, _)| futures.is_pending(*index))
        .map(|(_, handler)| *handler)
        .collect();
    log::cancelled(futures.context(), &cancelled, waiting);
    let (delivery, mut poller) = futures.split();
    delivery.resume(|| {
        poller.cancel();
        let returned = delivery.take_returned();
        if !returned.is_empty() {
            let names = returned.discard();
            log::returned_discarded(delivery.event_name(), delivery.published_at(), &names);
        }
        if let Some(observed) = observed {
            observed.into_inner().cancelled(&mut poller, delivery);
        }
    });
}
