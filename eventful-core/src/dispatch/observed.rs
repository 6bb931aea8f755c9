//! The loop of a bus that is observed.

use super::{AimedTable, finish, report};
use crate::delivery::Delivery;
use crate::event::AnyEvent;
use crate::observer::{HandlerOutcome, Observers};
use crate::report::{Delivered, PublishError};

/// As [`run`](super::run), with each handler's start and end told to the observers.
pub(crate) fn run_observed(
    aimed: AimedTable<'_>,
    any: &dyn AnyEvent,
    delivery: &Delivery,
    observers: &Observers,
) -> Result<Delivered, PublishError> {
    let table = aimed.table();
    let mut calls = aimed.calls(delivery);
    let mut failures = Vec::new();
    while calls.announce() {
        let watch = observers.handler_started(delivery);
        let skipped = delivery.skipped();
        let Some(result) = watch.within(delivery, || calls.run_next()) else {
            break;
        };
        match result {
            Ok(()) if delivery.skipped() > skipped => {
                watch.handler_finished(observers, delivery, any, HandlerOutcome::Skipped);
            }
            Ok(()) => watch.handler_finished(observers, delivery, any, HandlerOutcome::Handled),
            Err(failure) => {
                let failure = report(*failure, *delivery.handler(), delivery);
                watch.handler_finished(observers, delivery, any, HandlerOutcome::Failed(&failure));
                failures.push(failure);
                if delivery.is_fail_fast() {
                    break;
                }
            }
        }
    }
    finish(table.infos().len(), calls.remaining(), failures, delivery)
}
