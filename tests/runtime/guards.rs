//! Guards: which handlers run for which event, and what is told of those that do not.

use std::cell::Cell;
use std::sync::Arc;

use eventful::{Bus, event, handler};
use expect_test::expect;

use crate::Trace;

#[event]
struct Ordered {
    total: u64,
}

// A test is a thread, and guards run on the thread that publishes.
thread_local! {
    static ASKED: Cell<u64> = const { Cell::new(0) };
}

#[handler(Ordered, when = |event| { ASKED.set(ASKED.get() + 1); event.total > 100 })]
fn large(event: &Ordered, trace: &Trace) {
    trace.add(format!("large {}", event.total));
}

fn is_small(event: &Ordered) -> bool {
    event.total <= 100
}

#[handler(Ordered, when = is_small)]
fn small(event: &Ordered, trace: &Trace) {
    trace.add(format!("small {}", event.total));
}

#[handler(Ordered, order = 1)]
fn always(event: &Ordered, trace: &Trace) {
    trace.add(format!("always {}", event.total));
}

#[test]
fn a_guard_is_asked_once_a_delivery_and_what_it_keeps_from_running_is_skipped() {
    let trace = Arc::new(Trace::default());
    let bus = Bus::isolated()
        .with(large)
        .with(small)
        .with(always)
        .provide_arc(Arc::clone(&trace))
        .build()
        .unwrap();
    let delivered = bus.publish(&Ordered { total: 101 }).unwrap();
    assert_eq!((delivered.handled(), delivered.skipped()), (2, 1));
    let delivered = bus.publish(&Ordered { total: 100 }).unwrap();
    assert_eq!((delivered.handled(), delivered.skipped()), (2, 1));
    assert_eq!(trace.take(), "large 101\nalways 101\nsmall 100\nalways 100");
    assert_eq!(ASKED.get(), 2);
    assert!(bus.handlers::<Ordered>()[0].is_guarded());
    assert!(!bus.handlers::<Ordered>()[2].is_guarded());
    assert!(bus.has_handlers::<Ordered>());
}

#[test]
fn what_is_skipped_has_neither_failed_nor_run() {
    let bus = Bus::isolated()
        .with(large)
        .subscribe("fails", |_: &Ordered| Err::<(), _>("no"))
        .provide(Trace::default())
        .build()
        .unwrap();
    let error = bus.publish(&Ordered { total: 1 }).unwrap_err();
    let delivered = error.delivered();
    assert_eq!((delivered.handled(), delivered.skipped()), (1, 1));
    assert_eq!(error.failures().len(), 1);
}

mod panics {
    use super::*;

    #[event]
    struct Asked;

    fn explode(_: &Asked) -> bool {
        panic!("no answer")
    }

    #[handler(Asked, when = explode)]
    fn guarded(_: &Asked) {}

    #[handler(Asked, order = 1)]
    fn next(_: &Asked, trace: &Trace) {
        trace.add("next");
    }

    #[test]
    fn a_guard_that_panics_is_its_handlers_failure() {
        let trace = Arc::new(Trace::default());
        let bus = Bus::isolated()
            .with(guarded)
            .with(next)
            .provide_arc(Arc::clone(&trace))
            .build()
            .unwrap();
        let error = bus.publish(&Asked).unwrap_err();
        assert_eq!(trace.take(), "next");
        let [failure] = error.failures() else {
            panic!("{error}");
        };
        assert!(failure.is_panic() && failure.is_guard());
        expect!["the guard of handler runtime::guards::panics::guarded (tests/runtime/guards.rs:86:8) panicked: no answer"].assert_eq(&failure.to_string());
        assert_eq!(error.delivered().handled(), 2);
        let payload = error.into_failures().remove(0).into_panic().unwrap();
        assert_eq!(payload.downcast_ref::<&str>(), Some(&"no answer"));
    }
}

mod asynchronous {
    use super::*;

    #[event(async)]
    struct Ordered(u64);

    #[handler(Ordered, when = |event| event.0 > 1)]
    async fn waits(event: &Ordered, trace: &Trace) {
        tokio::task::yield_now().await;
        trace.add(format!("waits {}", event.0));
    }

    #[handler(Ordered, when = |event| event.0 > 2)]
    fn runs(event: &Ordered, trace: &Trace) {
        trace.add(format!("runs {}", event.0));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn guards_of_asynchronous_handlers_decide_as_well() {
        let trace = Arc::new(Trace::default());
        let bus = Bus::isolated()
            .with(waits)
            .with(runs)
            .provide_arc(Arc::clone(&trace))
            .build()
            .unwrap();
        for (number, handled, skipped) in [(1, 0, 2), (2, 1, 1), (3, 2, 0)] {
            let delivered = bus.publish(&Ordered(number)).await.unwrap();
            assert_eq!(
                (delivered.handled(), delivered.skipped()),
                (handled, skipped)
            );
        }
        assert_eq!(trace.take(), "waits 2\nwaits 3\nruns 3");
    }
}
