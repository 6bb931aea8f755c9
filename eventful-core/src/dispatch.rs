//! The dispatch loop: one event, its handlers one after the other.

mod handler_futures;
mod observed;

pub(crate) use self::handler_futures::{AsyncCalls, AsyncTable, HandlerFutures};
use crate::delivery::Delivery;
use crate::event::AnyEvent;
use crate::handler::HandlerInfo;
use crate::observe::{HandlerOutcome, Observers};
use crate::raw;
use crate::report::{OneOrMany, Settled};

/// The handlers of one event on one bus, in order, all of them synchronous.
pub(crate) type SyncTable = raw::SyncTable<Delivery>;
pub(crate) type Calls<'a> = raw::Calls<'a, Delivery>;
pub(crate) type Lookup<'a> = raw::Lookup<'a, Delivery>;
type Steps<'a> = raw::Steps<'a, Delivery>;

/// The handlers of one event on one bus.
// A cache line each, where they lie in an array.
#[repr(align(64))]
pub(crate) struct EventTable {
    /// Empty, and not found by its index, if some handlers are asynchronous.
    pub(crate) sync: SyncTable,
    /// All handlers, if some are asynchronous.
    pub(crate) futures: Option<Box<AsyncTable>>,
}

impl EventTable {
    pub(crate) fn infos(&self) -> &[HandlerInfo] {
        match &self.futures {
            None => self.sync.infos(),
            Some(table) => table.infos(),
        }
    }
}

/// Calls the handlers of an event. Returns how many they are.
///
/// Nothing is counted, formatted or allocated here. A failure, a skip and a returned event go to the delivery.
#[inline]
pub(crate) fn run(calls: Calls<'_>, delivery: &Delivery) -> usize {
    let mut steps = calls.steps(delivery);
    while steps.run_next() {}
    steps.count()
}

/// Calls the handlers up to the first that fails, and ends the delivery.
pub(crate) fn run_fail_fast(calls: Calls<'_>, delivery: &Delivery) -> Settled {
    let mut steps = calls.steps(delivery);
    while !delivery.has_failed() && steps.run_next() {}
    end(steps, delivery)
}

/// Ends a delivery whose handlers have run as far as they are to.
fn end(steps: Steps<'_>, delivery: &Delivery) -> Settled {
    let (count, not_run) = (steps.count(), steps.remaining());
    drop(steps);
    delivery.settle(count, not_run)
}

/// Calls the handlers, tells the observers when each starts and ends, and ends the delivery.
pub(crate) fn run_observed(
    calls: Calls<'_>,
    event: &dyn AnyEvent,
    delivery: &Delivery,
    observers: &Observers,
) -> Settled {
    let mut steps = calls.steps(delivery);
    let mut failures = OneOrMany::default();
    while steps.announce() {
        let watch = observers.handler_started(delivery);
        let skipped = delivery.skipped();
        watch.within(delivery, || steps.run_next());
        let failed = delivery.take_failures();
        let outcome = HandlerOutcome::of(&failed, delivery.skipped() > skipped);
        watch.handler_finished(observers, delivery, event, outcome);
        failures.extend(failed);
        if delivery.is_fail_fast() && !failures.is_empty() {
            break;
        }
    }
    delivery.put_failures(failures);
    end(steps, delivery)
}
