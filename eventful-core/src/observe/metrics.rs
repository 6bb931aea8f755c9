//! Counters and histograms of the crate `metrics`.

use ::metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

use super::{HandlerEnd, Observer, PublishEnd};
use crate::delivery::Delivery;

/// An [`Observer`] that counts and times publishes and handlers through the crate `metrics`, whose recorder the program
/// installs.
///
/// | metric | labels | kind |
/// |---|---|---|
/// | `eventful_publishes_total` | `event`, `outcome` | counter |
/// | `eventful_publish_duration_seconds` | `event` | histogram |
/// | `eventful_handlers_total` | `event`, `handler`, `outcome` | counter |
/// | `eventful_handler_duration_seconds` | `event`, `handler` | histogram |
///
/// The outcome of a publish is `delivered`, `failed`, `refused` or `cancelled`. The outcome of a handler is `handled`,
/// `skipped`, `failed`, `panicked` or `cancelled`. A handler that its guard skips has no duration.
///
/// `event` is the event's name and `handler` the handler's id: there are as many series as there are handlers, and no
/// more.
///
/// # Examples
///
/// ```
/// use eventful::Bus;
/// use eventful::observe::Metrics;
///
/// let bus = Bus::isolated().observe(Metrics::new()).build()?;
/// # drop(bus);
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Metrics {}

const PUBLISHES: &str = "eventful_publishes_total";
const PUBLISH_DURATION: &str = "eventful_publish_duration_seconds";
const HANDLERS: &str = "eventful_handlers_total";
const HANDLER_DURATION: &str = "eventful_handler_duration_seconds";

impl Metrics {
    /// Describes the metrics to the recorder that is installed, if there is one.
    #[must_use]
    pub fn new() -> Self {
        describe_counter!(PUBLISHES, "Events delivered, by outcome.");
        describe_histogram!(
            PUBLISH_DURATION,
            Unit::Seconds,
            "Time in all handlers of an event."
        );
        describe_counter!(HANDLERS, "Handlers run or skipped, by outcome.");
        describe_histogram!(HANDLER_DURATION, Unit::Seconds, "Time in one handler.");
        Self {}
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Observer for Metrics {
    fn publish_finished(&self, delivery: &Delivery, end: &PublishEnd<'_>) {
        let outcome = end.outcome().to_string();
        counter!(PUBLISHES, "event" => delivery.event_name(), "outcome" => outcome).increment(1);
        histogram!(PUBLISH_DURATION, "event" => delivery.event_name())
            .record(end.elapsed().as_secs_f64());
    }

    fn handler_finished(&self, delivery: &Delivery, end: &HandlerEnd<'_>) {
        let (event, handler) = (delivery.event_name(), delivery.handler().id());
        let outcome = end.outcome();
        counter!(HANDLERS, "event" => event, "handler" => handler, "outcome" => outcome.to_string())
            .increment(1);
        if !matches!(outcome, super::HandlerOutcome::Skipped) {
            histogram!(HANDLER_DURATION, "event" => event, "handler" => handler)
                .record(end.elapsed().as_secs_f64());
        }
    }
}
