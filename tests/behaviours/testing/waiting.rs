//! Waiting for what another thread or task publishes.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use eventful::Bus;
use eventful::testing::Recorder;
use expect_test::expect;

use super::shop::{OrderCreated, StockReserved, created};
use super::{Created, Of, Reserved, panic_of};
use crate::Trace;

/// Far longer than any of these tests takes.
const LONG: Duration = Duration::from_secs(60);
/// Long enough for a thread to begin to wait; nothing fails if it is not.
const SHORT: Duration = Duration::from_millis(30);

fn bus(recorder: &Recorder) -> Bus {
    Bus::isolated()
        .capture::<Created>(recorder)
        .capture::<Reserved>(recorder)
        .build()
        .unwrap()
}

#[test]
fn what_is_recorded_already_counts_and_the_first_is_returned() {
    let recorder = Recorder::new();
    let bus = bus(&recorder);
    for id in 1..4 {
        bus.publish(&Created { id }).unwrap();
    }
    let event = recorder.wait_for::<Created>(Duration::ZERO, |event| event.id > 1);
    assert_eq!(event, Created { id: 2 });
    let waiting = recorder.wait_for_async::<Created>(Duration::ZERO, |event| event.id > 1);
    assert_eq!(smol::block_on(waiting), Created { id: 2 });
}

#[test]
fn what_was_forgotten_does_not_count() {
    let recorder = Recorder::new();
    let bus = bus(&recorder);
    bus.publish(&Created { id: 1 }).unwrap();
    recorder.clear();
    assert!(
        recorder
            .try_wait_for::<Created>(Duration::ZERO, |_| true)
            .is_err()
    );
    bus.publish(&Created { id: 2 }).unwrap();
    assert_eq!(
        recorder.wait_for::<Created>(Duration::ZERO, |_| true),
        Created { id: 2 }
    );
}

#[test]
fn any_limit_will_do() {
    let recorder = Recorder::new();
    let bus = bus(&recorder);
    let other = thread::spawn(move || {
        thread::sleep(SHORT);
        bus.publish(&Reserved).unwrap();
    });
    recorder.wait_for::<Reserved>(Duration::MAX, |_| true);
    other.join().unwrap();
}

#[test]
fn another_type_or_value_does_not_end_it() {
    let recorder = Recorder::new();
    let bus = bus(&recorder);
    let begun = Instant::now();
    let text = thread::scope(|scope| {
        let other = scope.spawn(|| {
            thread::sleep(SHORT);
            bus.publish(&Reserved).unwrap();
            bus.publish(&Created { id: 1 }).unwrap();
        });
        let text = panic_of(|| recorder.wait_for::<Created>(4 * SHORT, |event| event.id == 2));
        other.join().unwrap();
        text
    });
    assert!(begun.elapsed() >= 4 * SHORT);
    expect![[r"
        no event of type `behaviours::testing::Created` that matches was recorded within 120ms
        recorded:
          1. behaviours::testing::Reserved: Reserved
          2. behaviours::testing::Created: Created { id: 1 }"]]
    .assert_eq(&text);
}

#[test]
fn each_event_is_looked_at_once() {
    let recorder = Recorder::new();
    let bus = bus(&recorder);
    let mut looked_at = Vec::new();
    bus.publish(&Created { id: 0 }).unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            for id in 1..4 {
                thread::sleep(SHORT);
                bus.publish(&Created { id }).unwrap();
            }
        });
        recorder.wait_for::<Created>(LONG, |event| {
            looked_at.push(event.id);
            event.id == 3
        });
    });
    assert_eq!(looked_at, [0, 1, 2, 3]);
}

#[test]
fn without_a_panic() {
    let recorder = Recorder::new();
    let _bus = bus(&recorder);
    let error = recorder
        .try_wait_for::<Reserved>(Duration::from_millis(1), |_| true)
        .unwrap_err();
    expect![[r"
        no event of type `behaviours::testing::Reserved` that matches was recorded within 1ms
        recorded: nothing; is the event published on a bus that has this recorder?"]]
    .assert_eq(&error.to_string());
    let limit = Duration::from_millis(1);
    let waiting = recorder.try_wait_for_async::<Reserved>(limit, |_| true);
    assert_eq!(smol::block_on(waiting), Err(error));
}

#[test]
fn a_predicate_that_publishes_for_ever_does_not_outlive_the_limit() {
    let recorder = Recorder::new();
    let bus = bus(&recorder);
    bus.publish(&Reserved).unwrap();
    let publish_again = |_: &Reserved| {
        bus.publish(&Reserved).unwrap();
        false
    };
    assert!(
        recorder
            .try_wait_for::<Reserved>(SHORT, publish_again)
            .is_err()
    );
    let waiting = recorder.try_wait_for_async::<Reserved>(SHORT, publish_again);
    assert!(smol::block_on(waiting).is_err());
}

#[tokio::test(start_paused = true)]
async fn a_future_on_a_runtime_whose_clock_stands_still() {
    let recorder = Recorder::new();
    let bus = bus(&recorder);
    let publisher = bus.clone();
    let task = tokio::spawn(async move {
        for id in 1..4 {
            tokio::task::yield_now().await;
            publisher.publish(&Created { id }).unwrap();
        }
    });
    let event = recorder
        .wait_for_async::<Created>(LONG, |event| event.id == 3)
        .await;
    assert_eq!(event, Created { id: 3 });
    task.await.unwrap();

    // Real time, whatever the runtime's clock does.
    let begun = Instant::now();
    let waiting = recorder.try_wait_for_async::<Reserved>(SHORT, |_| true);
    tokio::time::advance(LONG).await;
    assert!(waiting.await.is_err());
    assert!(begun.elapsed() >= SHORT);
}

#[test]
fn a_future_without_a_runtime_that_another_thread_fulfils() {
    let recorder = Recorder::new();
    let bus = bus(&recorder);
    let other = thread::spawn(move || {
        thread::sleep(SHORT);
        bus.publish(&Created { id: 1 }).unwrap();
    });
    let waiting = recorder.wait_for_async::<Created>(LONG, |_| true);
    assert_eq!(smol::block_on(waiting), Created { id: 1 });
    other.join().unwrap();
}

#[test]
fn a_future_whose_time_is_over_names_the_line_that_waits() {
    let recorder = Recorder::new();
    let _ = Bus::isolated().capture::<Of<u8>>(&recorder);
    let line = line!() + 1;
    let waiting = recorder.wait_for_async::<Of<u8>>(Duration::from_millis(2), |_| true);
    let text = panic_of(|| smol::block_on(waiting));
    let expected = expect![[r"
        no event of type `behaviours::testing::Of<u8>` that matches was recorded within 2ms
        recorded: nothing; is the event published on a bus that has this recorder?
        waited for at tests/behaviours/testing/waiting.rs:LINE:28"]];
    expected.assert_eq(&text.replace(&format!(":{line}:"), ":LINE:"));
}

/// Counts how often it is woken.
#[derive(Default)]
struct Woken(AtomicU32);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_future_wakes_the_task_that_polled_last_and_nobody_once_it_is_dropped() {
    let recorder = Recorder::new();
    let bus = bus(&recorder);
    let (first, second) = (Arc::new(Woken::default()), Arc::new(Woken::default()));
    let count = |woken: &Arc<Woken>| woken.0.load(Ordering::Relaxed);
    {
        let mut waiting = pin!(recorder.wait_for_async::<Created>(LONG, |event| event.id == 2));
        for woken in [&first, &second] {
            let waker = Waker::from(Arc::clone(woken));
            assert!(
                waiting
                    .as_mut()
                    .poll(&mut Context::from_waker(&waker))
                    .is_pending()
            );
        }
        bus.publish(&Created { id: 1 }).unwrap();
        assert_eq!((count(&first), count(&second)), (0, 1));
        // Nobody has polled since.
        bus.publish(&Created { id: 2 }).unwrap();
        assert_eq!((count(&first), count(&second)), (0, 1));
        let waker = Waker::from(Arc::clone(&first));
        assert!(
            waiting
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_ready()
        );
    }
    bus.publish(&Created { id: 3 }).unwrap();
    assert_eq!((count(&first), count(&second)), (0, 1));
    assert_eq!(Arc::strong_count(&first), 1, "no waker is kept");
}

/// Asks the recorder as it is woken, as a runtime does that polls at once.
struct Asking(Recorder, Woken);

impl Wake for Asking {
    fn wake(self: Arc<Self>) {
        let recorded = u32::try_from(self.0.count::<Created>()).unwrap();
        self.1.0.store(recorded, Ordering::Relaxed);
    }
}

#[test]
fn who_is_woken_may_ask_the_recorder() {
    let recorder = Recorder::new();
    let bus = bus(&recorder);
    let asking = Arc::new(Asking(recorder.clone(), Woken::default()));
    let waker = Waker::from(Arc::clone(&asking));
    let mut waiting = pin!(recorder.wait_for_async::<Reserved>(LONG, |_| true));
    let mut context = Context::from_waker(&waker);
    assert!(waiting.as_mut().poll(&mut context).is_pending());
    bus.publish(&Created { id: 1 }).unwrap();
    assert_eq!(asking.1.0.load(Ordering::Relaxed), 1);
}

#[test]
fn many_wait_for_one_event() {
    let recorder = Recorder::new();
    let bus = bus(&recorder);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| recorder.wait_for::<Reserved>(LONG, |_| true));
            scope.spawn(|| {
                smol::block_on(recorder.wait_for_async::<Reserved>(LONG, |_| true));
            });
        }
        thread::sleep(SHORT);
        bus.publish(&Reserved).unwrap();
    });
}

#[test]
fn r105_waiting_ends_with_a_fitting_event_or_at_the_limit_and_with_nothing_else() {
    const LONG: Duration = Duration::from_secs(60);
    const SHORT: Duration = Duration::from_millis(20);
    let (trace, builder) = Trace::with_bus();
    let recorder = Recorder::new();
    let bus = builder
        .capture::<OrderCreated>(&recorder)
        .capture::<StockReserved>(&recorder)
        .build()
        .unwrap();
    let begun = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(SHORT);
            bus.publish(&StockReserved { id: 2 }).unwrap();
            bus.publish(&created(1)).unwrap();
            thread::sleep(SHORT);
            bus.publish(&created(2)).unwrap();
        });
        let event = recorder.wait_for::<OrderCreated>(LONG, |event| event.id == 2);
        trace.add(format!("{event:?}"));
    });
    assert!(begun.elapsed() < LONG);
    recorder.clear();
    bus.publish(&StockReserved { id: 3 }).unwrap();
    bus.publish(&created(4)).unwrap();
    trace.add(panic_of(|| {
        recorder.wait_for::<OrderCreated>(SHORT, |event| event.id == 3)
    }));
    expect![[r#"
        OrderCreated { id: 2, items: ["tea"] }
        no event of type `order.created` that matches was recorded within 20ms
        recorded:
          1. stock.reserved: StockReserved { id: 3 }
          2. order.created: OrderCreated { id: 4, items: ["tea"] }"#]]
    .assert_eq(&trace.take());
}
