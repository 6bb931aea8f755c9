//! Events that are handed over: their publishes outlive who hands them over.

mod causes;
mod full;
mod handlers;
mod hang_up;
mod pending;
#[cfg(feature = "tracing")]
mod spans;
mod spawners;
mod threads;

use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

use eventful::{Bus, BusBuilder, Event, HandOverTask, WhenFull, event, handler};
use expect_test::expect;

use crate::Trace;
use crate::executor::{block_on, poll_once, yield_now};
use crate::log_recorder::{LogRecorder, assert_logged};

#[event(async)]
struct Shipped(u32);

#[handler(Shipped)]
async fn deliver(event: &Shipped, trace: &Trace) {
    trace.add(format!("begins {}", event.0));
    yield_now().await;
    trace.add(format!("ends {}", event.0));
}

/// The tasks of a spawner that only keeps them. It owns them alone: a task owns its bus, and that its spawner.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<VecDeque<HandOverTask>>>);

impl Kept {
    fn spawner(&self) -> impl Fn(HandOverTask) + Send + Sync + 'static {
        let kept = Arc::downgrade(&self.0);
        move |task| {
            let kept = kept.upgrade().expect("the test keeps the tasks");
            kept.lock().unwrap().push_back(task);
        }
    }

    /// The oldest task.
    fn take(&self) -> HandOverTask {
        self.0.lock().unwrap().pop_front().expect("a task was kept")
    }

    /// Runs the oldest task to its end.
    fn run_one(&self) {
        block_on(self.take());
    }

    fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

fn builder(trace: &Trace) -> BusBuilder {
    Bus::isolated().provide(trace.clone()).with(deliver)
}

fn bus(limit: usize, when_full: WhenFull) -> (Bus, Kept, Trace) {
    let (trace, kept) = (Trace::default(), Kept::default());
    let bus = builder(&trace)
        .spawner(kept.spawner())
        .hand_over_limit(limit, when_full)
        .build()
        .unwrap();
    (bus, kept, trace)
}

fn is_drained(bus: &Bus) -> bool {
    poll_once(&mut Box::pin(bus.drained())).is_ready()
}

#[event(async)]
struct Mailed;

#[handler(Mailed, order = 1)]
async fn later(_: &Mailed, trace: &Trace) {
    trace.add("later begins");
    yield_now().await;
    trace.add("later ends");
}

#[handler(Mailed, order = 2)]
fn now(_: &Mailed, trace: &Trace) {
    trace.add("now");
}

fn mailing() -> (Bus, Kept, Trace) {
    let (trace, kept) = (Trace::default(), Kept::default());
    let builder = builder(&trace).with(later).with(now);
    let bus = builder.spawner(kept.spawner()).build().unwrap();
    (bus, kept, trace)
}

/// Runs each task that was kept to its end.
fn run_all(kept: &Kept, trace: &Trace) {
    while kept.len() > 0 {
        trace.add("a task");
        kept.run_one();
    }
}

#[test]
fn r70_a_hand_over_runs_nothing_before_it_returns_and_everything_once_after() {
    let (bus, kept, trace) = mailing();
    for _ in 0..2 {
        bus.hand_over(Mailed).unwrap();
        trace.add("handed over");
    }
    run_all(&kept, &trace);
    run_all(&kept, &trace);
    expect![[r"
        handed over
        handed over
        a task
        later begins
        later ends
        now
        a task
        later begins
        later ends
        now"]]
    .assert_eq(&trace.take());
}

#[test]
fn r75_shutdown_waits_for_what_is_handed_over_as_long_as_it_is_told_to() {
    let (bus, kept, trace) = mailing();
    bus.hand_over(Mailed).unwrap();
    let error = bus.drained_within(Duration::from_millis(1)).unwrap_err();
    trace.add(error.to_string());
    let mut drained = pin!(bus.drained());
    let mut context = Context::from_waker(Waker::noop());
    trace.add(format!(
        "drained: {}",
        drained.as_mut().poll(&mut context).is_ready()
    ));
    run_all(&kept, &trace);
    trace.add(format!(
        "drained: {}",
        drained.as_mut().poll(&mut context).is_ready()
    ));
    bus.drained_within(Duration::ZERO).unwrap();
    expect![[r"
        hand-overs that have not ended: 1
        drained: false
        a task
        later begins
        later ends
        now
        drained: true"]]
    .assert_eq(&trace.take());
}

#[test]
fn what_is_handed_over_is_delivered_once() {
    let (bus, kept, trace) = bus(10, WhenFull::Reject);
    assert!(is_drained(&bus));
    bus.hand_over(Shipped(1)).unwrap();
    assert_eq!((trace.take().as_str(), bus.handed_over_count()), ("", 1));
    assert!(!is_drained(&bus));
    let task = kept.take();
    assert!(format!("{task:?}").starts_with("HandOverTask(behaviours::hand_over::Shipped)"));
    block_on(task);
    assert_eq!(trace.take(), "begins 1\nends 1");
    assert_eq!((bus.handed_over_count(), kept.len()), (0, 0));
    assert!(is_drained(&bus));
}

#[test]
fn nothing_is_left_of_a_hand_over_once_it_is_over() {
    let (trace, kept) = (Trace::default(), Kept::default());
    let watch = {
        let bus = builder(&trace).spawner(kept.spawner()).build().unwrap();
        bus.hand_over(Shipped(1)).unwrap();
        bus.downgrade()
    };
    assert!(watch.upgrade().is_some(), "the task keeps its bus");
    kept.run_one();
    assert!(watch.upgrade().is_none());
    assert_eq!(trace.take(), "begins 1\nends 1");
}

#[test]
fn without_a_spawner_it_is_an_error_and_logged() {
    let bus = builder(&Trace::default()).build().unwrap();
    let log = LogRecorder::record(|| {
        let line = line!() + 1;
        let error = bus.hand_over(Shipped(1)).unwrap_err();
        assert_eq!(
            (error.event_names(), error.handed_over_at().line()),
            ([Shipped::NAME].as_slice(), line)
        );
        assert!(error.is_without_spawner() && !error.is_full() && !error.is_runtime_ended());
        assert!(error.to_string().ends_with(
            ": the bus has nothing to run it on; write `.spawner(|task| …)` on the builder, or on tokio \
             `.spawn_on(Handle::current())` with the feature `tokio`; or await `publish`"
        ));
        assert_eq!(format!("{error:?}"), error.to_string());
    });
    assert_logged(
        &log,
        &expect![[r#"ERROR hand-over refused: event="hand_over::Shipped""#]],
    );
    assert!(is_drained(&bus));
}

#[test]
fn a_pending_without_events_that_is_refused_has_a_name() {
    let bus = Bus::isolated().build().unwrap();
    let error = bus.hand_over(bus.pending()).unwrap_err().to_string();
    assert!(
        error.starts_with("a `Pending` without events cannot be handed over, at "),
        "{error}"
    );
}
