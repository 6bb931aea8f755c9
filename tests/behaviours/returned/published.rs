//! Events that handlers return: when they are published, what limits them, and what is told of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use eventful::{Bus, Delivery, event, handler};
use expect_test::expect;

#[cfg(feature = "tracing")]
use crate::log_recorder::LogRecorder;
use crate::trace::{Trace, short, short_name};

fn log(trace: &Trace, delivery: &Delivery) {
    let causes = delivery.causes();
    let causes = causes.iter().map(|cause| {
        [
            " <- ",
            short(cause.handler()),
            " on ",
            short_name(cause.event_name()),
        ]
        .concat()
    });
    let causes: String = causes.collect();
    trace.add(format!(
        "{} on {}{causes}",
        short(delivery.handler()),
        short_name(delivery.event_name())
    ));
}

mod forms {
    use super::*;

    #[event]
    struct Placed(u64);

    #[event]
    struct Reserved(u64);

    #[event]
    struct Paid;

    #[event]
    struct Shipped;

    #[handler(Placed, order = 1)]
    fn one(event: &Placed, trace: &Trace, delivery: &Delivery) -> Reserved {
        log(trace, delivery);
        Reserved(event.0)
    }

    #[handler(Placed, order = 2)]
    fn some(event: &Placed, trace: &Trace, delivery: &Delivery) -> Option<Paid> {
        log(trace, delivery);
        (event.0 > 0).then_some(Paid)
    }

    #[handler(Placed, order = 3)]
    fn many(event: &Placed, trace: &Trace, delivery: &Delivery) -> Vec<Reserved> {
        log(trace, delivery);
        (0..event.0).map(|number| Reserved(10 + number)).collect()
    }

    #[handler(Placed, order = 4)]
    fn both(
        event: &Placed,
        trace: &Trace,
        delivery: &Delivery,
    ) -> Result<(Paid, Option<Shipped>), String> {
        log(trace, delivery);
        if event.0 > 100 {
            return Err("too many".to_owned());
        }
        Ok((Paid, Some(Shipped)))
    }

    #[handler(Reserved)]
    fn reserved(event: &Reserved, trace: &Trace, delivery: &Delivery) -> Option<Shipped> {
        trace.add(format!("number {}", event.0));
        log(trace, delivery);
        (event.0 == 11).then_some(Shipped)
    }

    #[handler(Paid)]
    fn paid(_: &Paid, trace: &Trace, delivery: &Delivery) {
        log(trace, delivery);
    }

    #[handler(Shipped)]
    fn shipped(_: &Shipped, trace: &Trace, delivery: &Delivery) {
        log(trace, delivery);
    }

    fn bus(trace: &Trace) -> Bus {
        Bus::isolated()
            .with(one)
            .with(some)
            .with(many)
            .with(both)
            .with(reserved)
            .with(paid)
            .with(shipped)
            .provide(trace.clone())
            .build()
            .unwrap()
    }

    #[test]
    fn they_are_published_first_in_first_out_when_all_handlers_have_run() {
        let trace = Trace::default();
        let delivered = bus(&trace).publish(&Placed(2)).unwrap();
        expect![[r"
            one on Placed
            some on Placed
            many on Placed
            both on Placed
            number 2
            reserved on Reserved <- one on Placed
            paid on Paid <- some on Placed
            number 10
            reserved on Reserved <- many on Placed
            number 11
            reserved on Reserved <- many on Placed
            paid on Paid <- both on Placed
            shipped on Shipped <- both on Placed
            shipped on Shipped <- reserved on Reserved <- many on Placed"]]
        .assert_eq(&trace.take());
        assert_eq!((delivered.handled(), delivered.cascaded()), (4, 7));
    }

    #[test]
    fn closures_return_events_too() {
        let trace = Trace::default();
        let bus = Bus::isolated()
            .subscribe("closure", |event: &Placed| {
                vec![Reserved(event.0), Reserved(0)]
            })
            .with(reserved)
            .provide(trace.clone())
            .build()
            .unwrap();
        assert_eq!(bus.publish(&Placed(7)).unwrap().cascaded(), 2);
        assert_eq!(
            trace.take(),
            "number 7\nreserved on Reserved <- closure on Placed\n\
             number 0\nreserved on Reserved <- closure on Placed"
        );
    }

    #[test]
    fn an_event_that_nobody_handles_is_counted_all_the_same() {
        let bus = Bus::isolated()
            .subscribe("closure", |_: &Placed| Paid)
            .build()
            .unwrap();
        assert_eq!(bus.publish(&Placed(1)).unwrap().cascaded(), 1);
    }
}

mod failures {
    use super::*;

    #[event]
    struct Begun;

    #[event]
    struct Half;

    #[handler(Begun, order = 1)]
    fn returns_half(_: &Begun) -> Half {
        Half
    }

    #[handler(Begun, order = 2)]
    fn fails(_: &Begun) -> Result<Half, String> {
        Err("no more halves".to_owned())
    }

    #[handler(Half)]
    fn fails_too(_: &Half) -> Result<(), String> {
        Err("half is not enough".to_owned())
    }

    #[handler(Half)]
    fn runs(_: &Half, ran: &AtomicBool) {
        ran.store(true, Ordering::Relaxed);
    }

    #[test]
    fn each_failure_is_told_with_what_caused_it() {
        let ran = Arc::new(AtomicBool::new(false));
        let bus = Bus::isolated()
            .with(returns_half)
            .with(fails)
            .with(fails_too)
            .with(runs)
            .provide_arc(Arc::clone(&ran))
            .build()
            .unwrap();
        let error = bus.publish(&Begun).unwrap_err();
        assert!(ran.load(Ordering::Relaxed));
        assert_eq!(error.delivered().handled(), 2);
        assert_eq!(error.delivered().cascaded(), 1);
        let [own, cascaded] = error.failures() else {
            panic!("{error}");
        };
        assert!(own.causes().is_empty());
        assert_eq!(
            cascaded.event_name(),
            "behaviours::returned::published::failures::Half"
        );
        let [cause] = cascaded.causes() else {
            panic!("{cascaded:?}");
        };
        assert_eq!(
            cause.handler().id(),
            "behaviours::returned::published::failures::returns_half"
        );
        assert_eq!(cascaded.published_at(), error.published_at());
        let line = error.published_at().line();
        let text = error.to_string().replace(&line.to_string(), "LINE");
        expect![[r"
            1 of 2 handlers of `behaviours::returned::published::failures::Begun`, published at tests/behaviours/returned/published.rs:LINE:25, failed, and 1 of events that they returned
              handler behaviours::returned::published::failures::fails (tests/behaviours/returned/published.rs:176:8) failed: no more halves
              handler behaviours::returned::published::failures::fails_too (tests/behaviours/returned/published.rs:181:8) failed: half is not enough (handling `behaviours::returned::published::failures::Half`, returned by behaviours::returned::published::failures::returns_half (tests/behaviours/returned/published.rs:171:8))"]]
        .assert_eq(&text);
    }

    #[test]
    fn a_failure_in_a_vector_or_tuple_returns_nothing() {
        let bus = Bus::isolated()
            .subscribe("vector", |_: &Begun| vec![Ok(Half), Err("no"), Ok(Half)])
            .subscribe("tuple", |_: &Begun| (Half, Err::<(), _>("no")))
            .build()
            .unwrap();
        let error = bus.publish(&Begun).unwrap_err();
        assert_eq!(error.failures().len(), 2);
        assert_eq!(error.delivered().cascaded(), 0);
    }
}

mod limit {
    use super::*;

    #[event]
    struct Tick;

    #[event]
    struct Tock;

    #[handler(Tick)]
    fn tick(_: &Tick, trace: &Trace) -> Tock {
        trace.add("tick");
        Tock
    }

    #[handler(Tock)]
    fn tock(_: &Tock, trace: &Trace) -> Tick {
        trace.add("tock");
        Tick
    }

    fn bus(trace: &Trace, limit: Option<u32>) -> Bus {
        let builder = Bus::isolated().with(tick).with(tock).provide(trace.clone());
        let builder = match limit {
            Some(limit) => builder.cascade_limit(limit),
            None => builder,
        };
        builder.build().unwrap()
    }

    #[test]
    fn an_endless_cascade_ends_with_an_error_that_names_the_chain() {
        let trace = Trace::default();
        let error = bus(&trace, Some(3)).publish(&Tick).unwrap_err();
        assert_eq!(trace.take(), "tick\ntock\ntick\ntock");
        assert_eq!(
            (error.delivered().handled(), error.delivered().cascaded()),
            (1, 3)
        );
        assert!(error.failures().is_empty());
        let refusal = error.refusal().unwrap();
        assert!(refusal.is_cascade_limit());
        assert_eq!(refusal.chain().len(), 4);
        let line = error.published_at().line();
        let text = error
            .to_string()
            .replace(&format!("rs:{line}:"), "rs:LINE:");
        expect![[r"
            `behaviours::returned::published::limit::Tick`, published at tests/behaviours/returned/published.rs:LINE:42, was not delivered to the end
              handlers have returned more than 3 events, which is the limit of a publish on this bus; `behaviours::returned::published::limit::Tick` is the first that was not delivered, returned
              by behaviours::returned::published::limit::tock (tests/behaviours/returned/published.rs:259:8) on `behaviours::returned::published::limit::Tock`, published at tests/behaviours/returned/published.rs:LINE:42
              by behaviours::returned::published::limit::tick (tests/behaviours/returned/published.rs:253:8) on `behaviours::returned::published::limit::Tick`, published at tests/behaviours/returned/published.rs:LINE:42
              … and so on, 4 steps in all"]]
        .assert_eq(&text);
    }

    #[test]
    fn the_limit_is_a_thousand_unless_set_and_needs_no_stack() {
        let trace = Trace::default();
        let error = bus(&trace, None).publish(&Tick).unwrap_err();
        assert_eq!(error.delivered().cascaded(), 1000);
        assert_eq!(trace.take().lines().count(), 1001);
        let error = bus(&trace, Some(200_000)).publish(&Tick).unwrap_err();
        assert_eq!(error.delivered().cascaded(), 200_000);
        let none = bus(&trace, Some(0)).publish(&Tick).unwrap_err();
        assert_eq!(none.delivered().cascaded(), 0);
    }

    #[cfg(feature = "tracing")]
    #[test]
    fn the_log_of_a_long_chain_says_each_step_once() {
        let bus = Bus::isolated()
            .with(tick)
            .with(tock)
            .subscribe("fails", |_: &Tick| Err::<(), _>("no"))
            .provide(Trace::default())
            .build()
            .unwrap();
        let log = LogRecorder::record_with_positions(|| {
            let error = bus.publish(&Tick).unwrap_err();
            let longest = error
                .failures()
                .iter()
                .map(|failure| failure.causes().len());
            assert_eq!(longest.max(), Some(128));
        });
        assert_eq!(log.len(), 502);
        let longest = log.iter().map(String::len).max();
        assert!(longest < Some(1200), "{longest:?}");
        assert!(
            log[400].contains("and so on, 128 steps in all"),
            "{}",
            log[400]
        );
    }

    #[test]
    fn as_many_as_the_limit_are_no_error() {
        let bus = Bus::isolated()
            .subscribe("two", |_: &Tick| {
                [Tock, Tock].into_iter().collect::<Vec<_>>()
            })
            .cascade_limit(2)
            .build()
            .unwrap();
        assert_eq!(bus.publish(&Tick).unwrap().cascaded(), 2);
    }
}

mod nested {
    use super::*;

    #[event]
    struct Outer;

    #[event]
    struct Inner;

    #[event]
    struct Returned(&'static str);

    #[handler(Outer, order = 1)]
    fn publishes_and_returns(_: &Outer, bus: &Bus, trace: &Trace, delivery: &Delivery) -> Returned {
        log(trace, delivery);
        bus.publish(&Inner).unwrap();
        trace.add("after the nested publish");
        Returned("outer")
    }

    #[handler(Outer, order = 2)]
    fn runs_last(_: &Outer, trace: &Trace, delivery: &Delivery) {
        log(trace, delivery);
    }

    #[handler(Inner)]
    fn returns(_: &Inner, trace: &Trace, delivery: &Delivery) -> Returned {
        log(trace, delivery);
        Returned("inner")
    }

    #[handler(Returned)]
    fn returned(event: &Returned, trace: &Trace, delivery: &Delivery) {
        trace.add(event.0);
        log(trace, delivery);
        assert_eq!(
            delivery.cause().unwrap().handler().id(),
            delivery.causes()[0].handler().id()
        );
    }

    #[test]
    fn a_nested_publish_ends_with_its_own_returned_events() {
        let trace = Trace::default();
        let bus = Bus::isolated()
            .with(publishes_and_returns)
            .with(runs_last)
            .with(returns)
            .with(returned)
            .provide(trace.clone())
            .build()
            .unwrap();
        assert_eq!(bus.publish(&Outer).unwrap().cascaded(), 1);
        expect![[r"
            publishes_and_returns on Outer
            returns on Inner <- publishes_and_returns on Outer
            inner
            returned on Returned <- returns on Inner <- publishes_and_returns on Outer
            after the nested publish
            runs_last on Outer
            outer
            returned on Returned <- publishes_and_returns on Outer"]]
        .assert_eq(&trace.take());
    }
}

#[test]
fn an_event_that_panics_when_it_is_dropped_harms_nobody() {
    #[event]
    struct Begun;

    #[event]
    struct Dropped;

    impl Drop for Dropped {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }

    let bus = Bus::isolated()
        .subscribe("returns", |_: &Begun| vec![Dropped, Dropped])
        .build()
        .unwrap();
    assert_eq!(bus.publish(&Begun).unwrap().cascaded(), 2);
}

#[test]
fn a_handler_that_panics_in_what_it_returns_has_returned_nothing() {
    #[event]
    struct Begun;

    #[event]
    struct Counted(u64);

    struct NoError;

    impl From<NoError> for Box<dyn std::error::Error + Send + Sync> {
        fn from(_: NoError) -> Self {
            panic!("in the conversion");
        }
    }

    let recorder = eventful::testing::Recorder::new();
    let bus = Bus::isolated()
        .subscribe("converts", |_: &Begun| (Counted(1), Err::<(), _>(NoError)))
        .subscribe("works", |_: &Begun| Counted(2))
        .capture_with(&recorder, |event: &Counted| event.0)
        .build()
        .unwrap();
    let error = bus.publish(&Begun).unwrap_err();
    assert_eq!(error.failures().len(), 1);
    assert_eq!(recorder.projections::<Counted, u64>(), [2]);
}
