//! The loop of a bus that is observed.

use super::AimedTable;
use crate::delivery::Delivery;
use crate::event::AnyEvent;
use crate::observer::{HandlerOutcome, Observers};
use crate::report::Failures;

/// As [`run`](super::run), with each handler's start and end told to the observers: the failures, and how many handlers of an
/// event that is `fail_fast` are left.
pub(crate) fn run_observed<H>(
    aimed: AimedTable<'_, H>,
    any: &dyn AnyEvent,
    delivery: &Delivery,
    observers: &Observers,
) -> (Failures, usize) {
    let mut calls = aimed.calls(delivery);
    let mut failures = Failures::default();
    while calls.announce() {
        let watch = observers.handler_started(delivery);
        let skipped = delivery.skipped();
        watch.within(delivery, || calls.run_next());
        let failed = delivery.take_failures();
        let outcome = match failed.as_slice().first() {
            Some(failure) => HandlerOutcome::Failed(failure),
            None if delivery.skipped() > skipped => HandlerOutcome::Skipped,
            None => HandlerOutcome::Handled,
        };
        watch.handler_finished(observers, delivery, any, outcome);
        failures.append(failed);
        if delivery.is_fail_fast() && !failures.is_empty() {
            break;
        }
    }
    (failures, calls.remaining())
}
