use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::metrics::{
    Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit,
    with_local_recorder,
};
use uuid::Uuid;

use super::*;
use crate::store::{Partition, StoreError};

/// A recorder of counters.
#[derive(Default)]
struct Counters(Mutex<BTreeMap<String, Arc<AtomicU64>>>);

impl Recorder for Counters {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let mut counters = self.0.lock().expect("no panic");
        Counter::from_arc(counters.entry(key.to_string()).or_default().clone())
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[test]
fn outcomes_of_attempts_and_leases_are_counted() {
    let counters = Counters::default();
    let partition = Partition::first_of("mail");
    let event = InHand {
        subscription: "mail",
        name: "placed",
        event: Uuid::nil(),
        attempts: 1,
    };
    with_local_recorder(&counters, || {
        let metrics = DurableMetrics::new();
        let took = Duration::ZERO;
        metrics.noticed(&Notice::Handled { event, took });
        metrics.noticed(&Notice::Handled { event, took });
        metrics.noticed(&Notice::Died {
            event,
            reason: "given up",
            error: "no server",
        });
        metrics.noticed(&Notice::LeaseLost {
            partition: &partition,
        });
        metrics.noticed(&Notice::StoreFailed {
            step: "fetch",
            error: &StoreError::failed("it is down"),
        });
    });
    let counters = counters.0.lock().expect("no panic");
    let counted: Vec<_> = counters
        .iter()
        .map(|(key, count)| format!("{key} {}", count.load(Ordering::Relaxed)))
        .collect();
    assert_eq!(
        counted,
        [
            "Key(eventful_durable_attempts_total, [subscription = mail, event = placed, outcome = died]) 1",
            "Key(eventful_durable_attempts_total, [subscription = mail, event = placed, outcome = handled]) 2",
            "Key(eventful_durable_leases_total, [subscription = mail, outcome = lost]) 1",
            "Key(eventful_durable_store_failures_total, [step = fetch]) 1",
        ]
    );
}
