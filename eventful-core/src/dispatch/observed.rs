//! The loop of a bus that is observed.

use super::AimedTable;
use crate::delivery::Delivery;
use crate::event::AnyEvent;
use crate::observe::{HandlerOutcome, Observers};
use crate::report::OneOrMany;

/// As [`run`](super::run), with each handler's start and end told to the observers: how many handlers of an event that is
/// `fail_fast` did not run.
pub(crate) fn run_observed<H>(
    aimed: AimedTable<'_, H>,
    any: &dyn AnyEvent,
    delivery: &Delivery,
    observers: &Observers,
) -> usize {
    let mut calls = aimed.calls(delivery);
    let mut failures = OneOrMany::default();
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
        failures.extend(failed);
        if delivery.is_fail_fast() && !failures.is_empty() {
            break;
        }
    }
    delivery.fail_again(failures);
    calls.remaining()
}
