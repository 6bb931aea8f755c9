//! Counters and histograms of the crate `metrics`.

#[cfg(test)]
mod tests;

use ::metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

use super::{DurableObserver, InHand, Notice};

/// A [`DurableObserver`] that counts and times through the crate `metrics`, whose recorder the program installs.
///
/// | metric | labels | kind |
/// |---|---|---|
/// | `eventful_durable_attempts_total` | `subscription`, `event`, `outcome` | counter |
/// | `eventful_durable_handler_duration_seconds` | `subscription`, `event` | histogram |
/// | `eventful_durable_leases_total` | `subscription`, `outcome` | counter |
/// | `eventful_durable_store_failures_total` | `step` | counter |
///
/// The outcome of an attempt is `handled`, `retried`, `died` or `parked`. The outcome of a lease is `taken`, `lost` or
/// `handed_over`. Lag and dead letters are the store's: read them with [`state`](crate::state).
///
/// # Examples
///
/// ```standalone_crate
/// use eventful::durable::observe::DurableMetrics;
/// use eventful::durable::{Memory, Worker};
/// use eventful::Bus;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bus = Bus::isolated().build()?;
/// let worker = Worker::builder(&bus, Memory::new()).observe(DurableMetrics::new()).build().await?;
/// worker.run_until_idle().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DurableMetrics {}

const ATTEMPTS: &str = "eventful_durable_attempts_total";
const DURATION: &str = "eventful_durable_handler_duration_seconds";
const LEASES: &str = "eventful_durable_leases_total";
const FAILURES: &str = "eventful_durable_store_failures_total";

impl DurableMetrics {
    /// Describes the metrics to the recorder that is installed, if there is one.
    #[must_use]
    pub fn new() -> Self {
        describe_counter!(ATTEMPTS, "Attempts to handle a durable event, by outcome.");
        describe_histogram!(
            DURATION,
            Unit::Seconds,
            "Time in one handler of a durable event."
        );
        describe_counter!(LEASES, "Leases of subscriptions, by outcome.");
        describe_counter!(FAILURES, "Steps of the store that failed.");
        Self {}
    }
}

impl Default for DurableMetrics {
    fn default() -> Self {
        Self::new()
    }
}

impl DurableObserver for DurableMetrics {
    fn noticed(&self, notice: &Notice<'_>) {
        match notice {
            Notice::Handled { event, took } => {
                count_attempt(event, "handled");
                let labels = [
                    ("subscription", event.subscription.to_owned()),
                    ("event", event.name.to_owned()),
                ];
                histogram!(DURATION, &labels).record(took.as_secs_f64());
            }
            Notice::Retried { event, .. } => count_attempt(event, "retried"),
            Notice::Died { event, .. } => count_attempt(event, "died"),
            Notice::Parked { event, .. } => count_attempt(event, "parked"),
            Notice::LeaseTaken { partition } => count_lease(&partition.subscription, "taken"),
            Notice::LeaseLost { partition } => count_lease(&partition.subscription, "lost"),
            Notice::HandedOver { partition, .. } => {
                count_lease(&partition.subscription, "handed_over");
            }
            Notice::StoreFailed { step, .. } => {
                counter!(FAILURES, "step" => (*step).to_owned()).increment(1);
            }
            _ => {}
        }
    }
}

fn count_attempt(event: &InHand<'_>, outcome: &'static str) {
    let labels = [
        ("subscription", event.subscription.to_owned()),
        ("event", event.name.to_owned()),
        ("outcome", outcome.to_owned()),
    ];
    counter!(ATTEMPTS, &labels).increment(1);
}

fn count_lease(subscription: &str, outcome: &'static str) {
    let labels = [
        ("subscription", subscription.to_owned()),
        ("outcome", outcome.to_owned()),
    ];
    counter!(LEASES, &labels).increment(1);
}
