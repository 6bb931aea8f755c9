//! One line of the log for everything that a person may have to know.

use std::error::Error;

use tracing::{debug, error, info, warn};

use super::Notice;

/// Writes the line of a notice through `tracing`.
pub(crate) fn log(notice: &Notice<'_>) {
    match notice {
        Notice::Handled { event, took } => {
            debug!(subscription = event.subscription, event = event.name, id = %event.event, ?took, "handled");
        }
        Notice::Retried {
            event,
            pause,
            error,
        } => warn!(
            subscription = event.subscription, event = event.name, id = %event.event, attempts = event.attempts, ?pause, error,
            "the handler has failed, and is tried again"
        ),
        Notice::Died {
            event,
            reason,
            error,
        } => error!(
            subscription = event.subscription, event = event.name, id = %event.event, attempts = event.attempts, reason, error,
            "the event is a dead letter"
        ),
        Notice::Parked { event, needs } => warn!(
            subscription = event.subscription, event = event.name, id = %event.event, version = needs.version,
            "the event is parked: no worker knows its name and version"
        ),
        Notice::SlowTransaction { event, took } => warn!(
            subscription = event.subscription, event = event.name, id = %event.event, ?took,
            "the handler has held its transaction for long"
        ),
        Notice::LeaseTaken { partition } => debug!(%partition, "the lease is taken"),
        Notice::LeaseLost { partition } => warn!(
            %partition, "the lease is lost: what was running may be done again by another worker"
        ),
        Notice::HandedOver { partition, needs } => info!(
            %partition, event = needs.name, version = needs.version, "the lease is handed over to a worker that knows the event"
        ),
        Notice::CrashFound {
            partition,
            suspects,
        } => warn!(
            %partition, suspects, "the worker before has died: events are noted before they run"
        ),
        Notice::SetBack {
            partition,
            from,
            to,
        } => error!(
            %partition, from = from.position.0, to = to.position.0,
            "the place of the cursor is gone from the log: it is set back"
        ),
        Notice::FailingBegan { partition, retries } => error!(
            %partition, retries, "the subscription is failing: its cursor stands still until retries succeed"
        ),
        Notice::FailingEnded { partition } => {
            info!(%partition, "the subscription is failing no longer");
        }
        Notice::Older {
            subscription,
            renamed_to,
        } => warn!(
            subscription,
            renamed_to, "the subscription was renamed by a newer program, which runs it"
        ),
        Notice::Unclaimed { subscription } => warn!(
            subscription,
            "no worker has the subscription: it keeps the log from being trimmed until a person removes it"
        ),
        Notice::TrimHeld { partition } => warn!(
            %partition, "events older than the retention are kept, because the partition still needs them"
        ),
        Notice::StoreFailed { step, error } => {
            let source = error.source().map(ToString::to_string).unwrap_or_default();
            warn!(step, %error, source, "the store has failed, and is asked again");
        }
    }
}
