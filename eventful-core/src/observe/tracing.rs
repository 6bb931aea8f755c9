//! Spans of the crate `tracing`.

use ::tracing::field::Empty;
use ::tracing::info_span;

use super::{HandlerEnd, Observer, ObserverSpan, PublishEnd, Stage};
use crate::delivery::Delivery;

/// An [`Observer`] that puts each publish and each handler into a span of `tracing`, at info level, under the target
/// `eventful`.
///
/// The span `publish` has the fields `event`, `published_at` and, if a handler published or returned the event,
/// `caused_by`: that handler, on which event. The span `handler`, inside of it, has `event`, `handler` and
/// `handler_at`. Both get `outcome` and `elapsed_us`, in microseconds, when they end. What a handler logs is in its
/// span; of an asynchronous one, on each poll.
///
/// # Examples
///
/// ```
/// use eventful::Bus;
/// use eventful::observe::TracingSpans;
///
/// let bus = Bus::isolated().observe(TracingSpans).build()?;
/// # drop(bus);
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct TracingSpans;

impl Observer for TracingSpans {
    fn span(&self, delivery: &Delivery, stage: Stage) -> Option<Box<dyn ObserverSpan>> {
        let span = match stage {
            Stage::Publish => info_span!(
                target: "eventful",
                "publish",
                event = delivery.event_name(),
                published_at = %delivery.published_at(),
                caused_by = delivery.cause().map(|cause| cause.to_string()),
                outcome = Empty,
                elapsed_us = Empty,
            ),
            Stage::Handler => info_span!(
                target: "eventful",
                "handler",
                event = delivery.event_name(),
                handler = delivery.handler().id(),
                handler_at = %delivery.handler().position,
                outcome = Empty,
                elapsed_us = Empty,
            ),
        };
        (!span.is_disabled()).then(|| Box::new(TracingSpan(span)) as Box<dyn ObserverSpan>)
    }
}

struct TracingSpan(::tracing::Span);

impl ObserverSpan for TracingSpan {
    fn enter(&self) {
        self.0.with_subscriber(|(id, dispatch)| dispatch.enter(id));
    }

    fn exit(&self) {
        self.0.with_subscriber(|(id, dispatch)| dispatch.exit(id));
    }

    fn publish_finished(&self, end: &PublishEnd<'_>) {
        self.0.record("outcome", end.outcome().to_string());
        self.0.record("elapsed_us", micros(end.elapsed()));
    }

    fn handler_finished(&self, end: &HandlerEnd<'_>) {
        self.0.record("outcome", end.outcome().to_string());
        self.0.record("elapsed_us", micros(end.elapsed()));
    }
}

fn micros(elapsed: std::time::Duration) -> u64 {
    u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
}
