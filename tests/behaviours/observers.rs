//! Observers: their calls, and the order of these.

mod asynchronous;
mod events;
#[cfg(feature = "metrics")]
mod metrics;
mod panics;
mod spans;

use std::time::Duration;

use eventful::observe::{
    HandlerEnd, HandlerOutcome, Observer, ObserverSpan, PublishEnd, PublishOutcome, Stage,
};
use eventful::{Bus, Delivery, event, family, handler};
use expect_test::expect;

use crate::executor::block_on;
use crate::trace::{Trace, short_name};

/// Writes down all that it is told.
struct Scribe(Trace);

impl Scribe {
    fn add(&self, what: &str, delivery: &Delivery, rest: impl std::fmt::Display) {
        let event = short_name(delivery.event_name());
        let cause = delivery.cause().map_or_else(String::new, |cause| {
            format!(" because of {}", short_name(cause.handler().id()))
        });
        self.0.add(format!("{what} {event}{rest}{cause}"));
    }
}

impl Observer for Scribe {
    fn publish_started(&self, delivery: &Delivery) {
        self.add("publish", delivery, "");
    }

    fn publish_finished(&self, delivery: &Delivery, end: &PublishEnd<'_>) {
        let rest = match end.outcome() {
            PublishOutcome::Delivered(delivered) => {
                format!(
                    ": {} handled, {} skipped",
                    delivered.handled(),
                    delivered.skipped()
                )
            }
            PublishOutcome::Failed(error) => format!(": {} failed", error.failures().len()),
            outcome => format!(": {outcome}"),
        };
        self.add(&end.outcome().to_string(), delivery, rest);
    }

    fn handler_started(&self, delivery: &Delivery) {
        self.add(
            "  begin",
            delivery,
            format_args!(" in {}", short_name(delivery.handler().id())),
        );
    }

    fn handler_finished(&self, delivery: &Delivery, end: &HandlerEnd<'_>) {
        let rest = match end.outcome() {
            HandlerOutcome::Failed(failure) => format!(
                " in {}: {}",
                short_name(failure.handler().id()),
                failure.message()
            ),
            _ => format!(" in {}", short_name(delivery.handler().id())),
        };
        self.add(&format!("  {}", end.outcome()), delivery, rest);
    }
}

#[event]
struct Ordered(u64);

#[event]
struct Paid;

#[event]
struct Nested;

#[handler(Ordered, order = 1)]
fn publishes(_: &Ordered, bus: &Bus) {
    bus.publish(&Nested).unwrap();
}

#[handler(Ordered, order = 2)]
fn fails(event: &Ordered) -> Result<(), String> {
    if event.0 == 0 {
        Err("nothing".to_owned())
    } else {
        Ok(())
    }
}

#[handler(Ordered, order = 3, when = |event| event.0 > 100)]
fn guarded(_: &Ordered) {}

#[handler(Ordered, order = 4)]
fn panics(event: &Ordered) -> Paid {
    assert!(event.0 < 100, "too many");
    Paid
}

#[handler(Nested)]
fn nested(_: &Nested) {}

#[handler(Paid)]
fn paid(_: &Paid) {}

fn observed(observer: impl Observer) -> Bus {
    Bus::isolated()
        .with(publishes)
        .with(fails)
        .with(guarded)
        .with(panics)
        .with(nested)
        .with(paid)
        .observe(observer)
        .build()
        .unwrap()
}

#[test]
fn r29_an_observer_sees_every_handler_with_its_outcome_in_their_order() {
    #[event]
    struct Observed(u32);

    #[event]
    struct Echoed;

    #[handler(Observed, order = 1)]
    fn works(_: &Observed, trace: &Trace) -> Echoed {
        trace.add("  - works");
        Echoed
    }

    #[handler(Observed, order = 2, when = |event| event.0 > 9)]
    fn skipped(_: &Observed, trace: &Trace) {
        trace.add("  - is not skipped");
    }

    #[handler(Observed, order = 3)]
    fn fails(_: &Observed, trace: &Trace) -> Result<(), String> {
        trace.add("  - fails");
        Err(String::from("no"))
    }

    #[handler(Observed, order = 4)]
    fn panics(_: &Observed, trace: &Trace) {
        trace.add("  - panics");
        panic!("no");
    }

    #[handler(Echoed)]
    fn echo(_: &Echoed, trace: &Trace) {
        trace.add("  - echo");
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(works)
        .with(skipped)
        .with(fails)
        .with(panics)
        .with(echo)
        .observe(Scribe(trace.clone()))
        .build()
        .unwrap();
    trace.report(&bus.publish(&Observed(1)));
    expect![[r"
        publish Observed
          begin Observed in works
          - works
          handled Observed in works
          begin Observed in skipped
          skipped Observed in skipped
          begin Observed in fails
          - fails
          failed Observed in fails: no
          begin Observed in panics
          - panics
          panicked Observed in panics: no
        failed Observed: 2 failed
        publish Echoed because of works
          begin Echoed in echo because of works
          - echo
          handled Echoed in echo because of works
        delivered Echoed: 1 handled, 0 skipped because of works
        report: 3 handled, 1 skipped, 1 cascaded; fails failed: no; panics panicked: no"]]
    .assert_eq(&trace.take());
}

#[test]
fn every_publish_and_handler_is_told_from_start_to_end_in_execution_order() {
    let trace = Trace::default();
    let bus = observed(Scribe(trace.clone()));
    let delivered = bus.publish(&Ordered(7)).unwrap();
    assert_eq!(
        (
            delivered.handled(),
            delivered.skipped(),
            delivered.cascaded()
        ),
        (3, 1, 1)
    );
    expect![[r"
        publish Ordered
          begin Ordered in publishes
        publish Nested because of publishes
          begin Nested in nested because of publishes
          handled Nested in nested because of publishes
        delivered Nested: 1 handled, 0 skipped because of publishes
          handled Ordered in publishes
          begin Ordered in fails
          handled Ordered in fails
          begin Ordered in guarded
          skipped Ordered in guarded
          begin Ordered in panics
          handled Ordered in panics
        delivered Ordered: 3 handled, 1 skipped
        publish Paid because of panics
          begin Paid in paid because of panics
          handled Paid in paid because of panics
        delivered Paid: 1 handled, 0 skipped because of panics"]]
    .assert_eq(&trace.take());
    let error = bus.publish(&Ordered(0)).unwrap_err();
    assert_eq!(error.failures().len(), 1);
    bus.publish(&Ordered(100)).unwrap_err();
    expect![[r"
        publish Ordered
          begin Ordered in publishes
        publish Nested because of publishes
          begin Nested in nested because of publishes
          handled Nested in nested because of publishes
        delivered Nested: 1 handled, 0 skipped because of publishes
          handled Ordered in publishes
          begin Ordered in fails
          failed Ordered in fails: nothing
          begin Ordered in guarded
          skipped Ordered in guarded
          begin Ordered in panics
          handled Ordered in panics
        failed Ordered: 1 failed
        publish Paid because of panics
          begin Paid in paid because of panics
          handled Paid in paid because of panics
        delivered Paid: 1 handled, 0 skipped because of panics
        publish Ordered
          begin Ordered in publishes
        publish Nested because of publishes
          begin Nested in nested because of publishes
          handled Nested in nested because of publishes
        delivered Nested: 1 handled, 0 skipped because of publishes
          handled Ordered in publishes
          begin Ordered in fails
          handled Ordered in fails
          begin Ordered in guarded
          skipped Ordered in guarded
          begin Ordered in panics
          panicked Ordered in panics: too many
        failed Ordered: 1 failed"]]
    .assert_eq(&trace.take());
}

#[test]
fn a_refused_publish_is_told_too() {
    let trace = Trace::default();
    let bus = Bus::isolated()
        .subscribe("again", |_: &Nested| Nested.publish().map(|_| ()))
        .nesting_limit(2)
        .observe(Scribe(trace.clone()))
        .build()
        .unwrap();
    bus.publish(&Nested).unwrap_err();
    expect![[r"
        publish Nested
          begin Nested in again
        publish Nested because of again
          begin Nested in again because of again
        publish Nested because of again
        refused Nested: 0 failed because of again
          failed Nested in again: `behaviours::observers::Nested`, published at tests/behaviours/observers.rs:272:49, was not delivered: handlers that publish are nested 2 deep, which is the limit of this bus because of again
        failed Nested: 1 failed because of again
          failed Nested in again: 1 of 1 handlers of `behaviours::observers::Nested`, published at tests/behaviours/observers.rs:272:49, failed; innermost: `behaviours::observers::Nested`, published at tests/behaviours/observers.rs:272:49, was not delivered: handlers that publish are nested 2 deep, which is the limit of this bus
        failed Nested: 1 failed"]].assert_eq(&trace.take());
}

#[test]
fn a_refused_publish_of_another_kind_is_told_too() {
    #[event(async)]
    struct Waited;

    #[family]
    trait Holds {}

    #[event(as(dyn Holds))]
    struct Held<T>(T);

    impl<T: Send + Sync + 'static> Holds for Held<T> {}

    let trace = Trace::default();
    let bus = Bus::isolated()
        .subscribe("waits", |_: &Waited| async {})
        .subscribe("same", |_: &dyn Holds| ())
        .subscribe("same", |_: &dyn Holds| ())
        .nesting_limit(0)
        .observe(Scribe(trace.clone()))
        .build()
        .unwrap();
    block_on(bus.publish(&Waited)).unwrap_err();
    bus.publish(&Held(1_u8)).unwrap_err();
    expect![[r"
        publish Waited
        refused Waited: 0 failed
        publish Held<u8>
        refused Held<u8>: 0 failed"]]
    .assert_eq(&trace.take());
}

#[test]
fn an_observer_that_publishes_whenever_a_publish_fails_comes_to_an_end() {
    struct Alerts;

    impl Observer for Alerts {
        fn publish_finished(&self, _: &Delivery, end: &PublishEnd<'_>) {
            if matches!(end.outcome(), PublishOutcome::Failed(_)) {
                Nested.publish().ok();
            }
        }
    }

    let trace = Trace::default();
    let bus = Bus::isolated()
        .subscribe("fails", |_: &Nested| Err::<(), _>("no"))
        .nesting_limit(1)
        .observe(Scribe(trace.clone()))
        .observe(Alerts)
        .build()
        .unwrap();
    bus.publish(&Nested).unwrap_err();
    expect![[r"
        publish Nested
          begin Nested in fails
          failed Nested in fails: no
        failed Nested: 1 failed
        publish Nested
        refused Nested: 0 failed"]]
    .assert_eq(&trace.take());
}

#[test]
fn a_notice_that_an_observer_publishes_makes_no_other_notice() {
    #[event]
    struct Notice;

    /// Publishes a notice of each failure of a handler and of a publish, of which the handlers fail.
    struct Notifies;

    impl Observer for Notifies {
        fn handler_finished(&self, _: &Delivery, end: &HandlerEnd<'_>) {
            if matches!(end.outcome(), HandlerOutcome::Failed(_)) {
                Notice.publish().unwrap_err();
            }
        }

        fn publish_finished(&self, _: &Delivery, end: &PublishEnd<'_>) {
            if matches!(end.outcome(), PublishOutcome::Failed(_)) {
                Notice.publish().unwrap_err();
            }
        }
    }

    let trace = Trace::default();
    let bus = Bus::isolated()
        .subscribe("fails", |_: &Nested| Err::<(), _>("no"))
        .subscribe("fails too", |_: &Notice| Err::<(), _>("no"))
        .nesting_limit(12)
        .observe(Notifies)
        .observe(Scribe(trace.clone()))
        .build()
        .unwrap();
    bus.publish(&Nested).unwrap_err();
    expect![[r"
        publish Nested
          begin Nested in fails
        publish Notice because of fails
          begin Notice in fails too because of fails
          failed Notice in fails too: no because of fails
        failed Notice: 1 failed because of fails
          failed Nested in fails: no
        publish Notice
          begin Notice in fails too
          failed Notice in fails too: no
        failed Notice: 1 failed
        failed Nested: 1 failed"]]
    .assert_eq(&trace.take());
}

#[test]
fn a_span_that_publishes_opens_no_span_of_its_own_publish() {
    struct Publishes;

    impl Observer for Publishes {
        fn span(&self, _: &Delivery, _: Stage) -> Option<Box<dyn ObserverSpan>> {
            Some(Box::new(Self))
        }
    }

    impl ObserverSpan for Publishes {
        fn enter(&self) {
            Paid.publish().unwrap();
        }

        fn exit(&self) {
            Paid.publish().unwrap();
        }
    }

    let trace = Trace::default();
    let bus = Bus::isolated()
        .with(paid)
        .observe(Publishes)
        .observe(Scribe(trace.clone()))
        .build()
        .unwrap();
    bus.publish(&Paid).unwrap();
    let publishes = trace.take().matches("publish Paid").count();
    assert_eq!(
        publishes, 5,
        "one, and one as each of two spans is entered and left"
    );
}

#[test]
fn elapsed_is_the_time_between_start_and_end() {
    struct Slow(Trace);

    impl Observer for Slow {
        fn publish_finished(&self, _: &Delivery, end: &PublishEnd<'_>) {
            self.0.add(format!("publish {}", end.elapsed() >= PAUSE));
        }

        fn handler_finished(&self, _: &Delivery, end: &HandlerEnd<'_>) {
            self.0.add(format!("handler {}", end.elapsed() >= PAUSE));
        }
    }

    const PAUSE: Duration = Duration::from_millis(5);
    let trace = Trace::default();
    let bus = Bus::isolated()
        .subscribe("slow", |_: &Paid| std::thread::sleep(PAUSE))
        .observe(Slow(trace.clone()))
        .build()
        .unwrap();
    bus.publish(&Paid).unwrap();
    assert_eq!(trace.take(), "handler true\npublish true");
}

#[test]
fn a_derived_bus_has_the_same_observers() {
    let trace = Trace::default();
    let bus = Bus::isolated()
        .observe(Scribe(trace.clone()))
        .build()
        .unwrap();
    let derived = bus.derive().with(paid).build().unwrap();
    derived.publish(&Paid).unwrap();
    assert_eq!(trace.take().lines().count(), 4);
}
