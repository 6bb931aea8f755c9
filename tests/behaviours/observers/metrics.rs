//! `Metrics`, the observer that counts and times.

use std::sync::{Arc, Mutex};

use eventful::observe::Metrics;
use expect_test::expect;
use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};

use super::{Ordered, observed};

/// Writes down what is described, counted and recorded.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

struct Line(Lines, String);

impl Lines {
    fn add(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn name(key: &Key) -> String {
        let labels = key
            .labels()
            .map(|label| format!("{}={}", label.key(), label.value()));
        format!("{} {}", key.name(), labels.collect::<Vec<_>>().join(" "))
    }
}

impl CounterFn for Line {
    fn increment(&self, value: u64) {
        self.0.add(format!("{} +{value}", self.1));
    }

    fn absolute(&self, _: u64) {}
}

impl HistogramFn for Line {
    fn record(&self, value: f64) {
        self.0.add(format!("{} {}", self.1, value >= 0.0));
    }
}

impl Recorder for Lines {
    fn describe_counter(&self, key: KeyName, _: Option<Unit>, text: SharedString) {
        self.add(format!("{}: {text}", key.as_str()));
    }

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, text: SharedString) {
        self.add(format!("{}: {text} {unit:?}", key.as_str()));
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(Arc::new(Line(self.clone(), Self::name(key))))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(Arc::new(Line(self.clone(), Self::name(key))))
    }
}

#[test]
fn metrics_count_and_time_by_event_handler_and_outcome() {
    let lines = Lines::default();
    metrics::with_local_recorder(&lines, || {
        observed(Metrics::new()).publish(&Ordered(0)).unwrap_err();
    });
    let lines = lines
        .0
        .lock()
        .unwrap()
        .join("\n")
        .replace("behaviours::observers::", "");
    expect![[r"
        eventful_publishes_total: Events delivered, by outcome.
        eventful_publish_duration_seconds: Time in all handlers of an event. Some(Seconds)
        eventful_handlers_total: Handlers run or skipped, by outcome.
        eventful_handler_duration_seconds: Time in one handler. Some(Seconds)
        eventful_handlers_total event=Nested handler=nested outcome=handled +1
        eventful_handler_duration_seconds event=Nested handler=nested true
        eventful_publishes_total event=Nested outcome=delivered +1
        eventful_publish_duration_seconds event=Nested true
        eventful_handlers_total event=Ordered handler=publishes outcome=handled +1
        eventful_handler_duration_seconds event=Ordered handler=publishes true
        eventful_handlers_total event=Ordered handler=fails outcome=failed +1
        eventful_handler_duration_seconds event=Ordered handler=fails true
        eventful_handlers_total event=Ordered handler=guarded outcome=skipped +1
        eventful_handlers_total event=Ordered handler=panics outcome=handled +1
        eventful_handler_duration_seconds event=Ordered handler=panics true
        eventful_publishes_total event=Ordered outcome=failed +1
        eventful_publish_duration_seconds event=Ordered true
        eventful_handlers_total event=Paid handler=paid outcome=handled +1
        eventful_handler_duration_seconds event=Paid handler=paid true
        eventful_publishes_total event=Paid outcome=delivered +1
        eventful_publish_duration_seconds event=Paid true"]]
    .assert_eq(&lines);
}
