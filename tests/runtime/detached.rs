//! Publishes that outlive whoever publishes.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, Weak, mpsc};
use std::task::{Context, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use eventful::{Bus, BusBuilder, DetachedTask, Event, WhenFull, event, handler};
use expect_test::expect;

use crate::Trace;
use crate::polling::{Recorder, assert_logged, block_on, in_time, poll_once, yield_now};

#[event(async)]
struct Shipped(u32);

#[handler(Shipped)]
async fn deliver(event: &Shipped, trace: &Trace) {
    trace.add(format!("begins {}", event.0));
    yield_now().await;
    trace.add(format!("ends {}", event.0));
}

/// A spawner that only keeps what it is given.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<VecDeque<DetachedTask>>>);

impl Kept {
    fn spawner(&self) -> impl Fn(DetachedTask) + Send + Sync + 'static {
        let kept = self.clone();
        move |task| kept.0.lock().unwrap().push_back(task)
    }

    /// The oldest task.
    fn take(&self) -> DetachedTask {
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

fn builder(trace: &Arc<Trace>) -> BusBuilder {
    Bus::isolated().provide_arc(Arc::clone(trace)).with(deliver)
}

fn bus(limit: usize, when_full: WhenFull) -> (Bus, Kept, Arc<Trace>) {
    let (trace, kept) = (Arc::new(Trace::default()), Kept::default());
    let bus = builder(&trace)
        .spawner(kept.spawner())
        .detached_limit(limit, when_full)
        .build()
        .unwrap();
    (bus, kept, trace)
}

fn is_drained(bus: &Bus) -> bool {
    poll_once(&mut Box::pin(bus.drained())).is_ready()
}

#[test]
fn a_detached_publish_is_handed_over_and_delivered_once() {
    let (bus, kept, trace) = bus(10, WhenFull::Wait);
    assert!(is_drained(&bus));
    block_on(bus.publish_detached(Shipped(1))).unwrap();
    assert_eq!((trace.take().as_str(), bus.detached_count()), ("", 1));
    assert!(!is_drained(&bus));
    let task = kept.take();
    assert!(
        format!("{task:?}").starts_with("DetachedTask(`runtime::detached::Shipped`, published at ")
    );
    block_on(task);
    assert_eq!(trace.take(), "begins 1\nends 1");
    assert_eq!((bus.detached_count(), kept.len()), (0, 0));
    assert!(is_drained(&bus));
}

#[test]
fn nothing_is_left_of_a_detached_publish_once_it_is_over() {
    let (trace, kept) = (Arc::new(Trace::default()), Kept::default());
    let watch = {
        let bus = builder(&trace).spawner(kept.spawner()).build().unwrap();
        block_on(bus.publish_detached(Shipped(1))).unwrap();
        bus.downgrade()
    };
    assert!(watch.upgrade().is_some(), "the task keeps its bus");
    kept.run_one();
    assert!(watch.upgrade().is_none());
    assert_eq!(trace.take(), "begins 1\nends 1");
}

#[test]
fn without_a_spawner_it_is_an_error_and_logged() {
    let bus = builder(&Arc::new(Trace::default())).build().unwrap();
    let log = Recorder::record(|| {
        let line = line!() + 1;
        let error = block_on(bus.publish_detached(Shipped(1))).unwrap_err();
        assert_eq!(
            (error.event_name(), error.published_at().line()),
            (Shipped::NAME, line)
        );
        assert!(!error.is_full());
        assert!(error.to_string().ends_with(
            "was not delivered: the bus has nothing to run it on; \
             write `.spawner(|task| …)` on the builder, or await `publish`"
        ));
    });
    assert_logged(
        &log,
        &expect![[r#"ERROR detached publish refused: event="detached::Shipped""#]],
    );
    assert!(is_drained(&bus));
}

// ---- a full bus

#[test]
fn who_waits_comes_through_in_turn() {
    let (bus, kept, trace) = bus(2, WhenFull::Wait);
    let mut publishes: Vec<_> = (1..=5)
        .map(|id| Box::pin(bus.publish_detached(Shipped(id))))
        .collect();
    let states = |publishes: &mut Vec<_>| -> String {
        let states = publishes.iter_mut().map(|publish| {
            if poll_once(publish).is_ready() {
                'r'
            } else {
                'p'
            }
        });
        states.collect()
    };
    assert_eq!(states(&mut publishes), "rrppp");
    publishes.drain(..2);
    assert_eq!((bus.detached_count(), kept.len()), (2, 2));

    kept.run_one();
    // The last one asks first, and waits all the same.
    publishes.reverse();
    assert_eq!(states(&mut publishes), "ppr");
    publishes.pop();
    publishes.reverse();
    assert_eq!(bus.detached_count(), 2);

    // One more comes behind those who wait, also if there is room.
    kept.run_one();
    publishes.push(Box::pin(bus.publish_detached(Shipped(6))));
    assert!(poll_once(&mut publishes[2]).is_pending());
    assert_eq!(states(&mut publishes), "rpp");
    drop(publishes.remove(0));

    // Who gives up leaves the others their places.
    drop(publishes.remove(0));
    kept.run_one();
    assert_eq!(states(&mut publishes), "r");
    while kept.len() > 0 {
        kept.run_one();
    }
    assert!(is_drained(&bus));
    let ran = trace.take().replace("begins ", "").replace("ends ", "");
    assert_eq!(
        ran.lines().collect::<Vec<_>>().join(" "),
        "1 1 2 2 3 3 4 4 6 6"
    );
}

#[test]
fn who_waits_is_woken() {
    in_time(|| {
        let (bus, kept, trace) = bus(1, WhenFull::Wait);
        block_on(bus.publish_detached(Shipped(1))).unwrap();
        thread::scope(|scope| {
            let waiting = scope.spawn(|| block_on(bus.publish_detached(Shipped(2))));
            let draining = scope.spawn(|| block_on(bus.drained()));
            thread::sleep(Duration::from_millis(10));
            kept.run_one();
            waiting.join().unwrap().unwrap();
            kept.run_one();
            draining.join().unwrap();
        });
        assert_eq!(trace.take(), "begins 1\nends 1\nbegins 2\nends 2");
    });
}

#[test]
fn an_event_whose_publisher_gives_up_is_logged() {
    let (bus, kept, trace) = bus(1, WhenFull::Wait);
    block_on(bus.publish_detached(Shipped(1))).unwrap();
    let log = Recorder::record(|| {
        drop(bus.publish_detached(Shipped(2)));
        let mut waiting = Box::pin(bus.publish_detached(Shipped(3)));
        assert!(poll_once(&mut waiting).is_pending());
    });
    assert_logged(
        &log,
        &expect![[r#"
        WARN publish dropped before it began: event="detached::Shipped"
        WARN publish dropped before it began: event="detached::Shipped""#]],
    );
    kept.run_one();
    assert!(is_drained(&bus));
    assert_eq!(trace.take(), "begins 1\nends 1");
}

#[test]
fn a_full_bus_may_reject() {
    let (bus, kept, trace) = bus(1, WhenFull::Reject);
    let log = Recorder::record(|| {
        block_on(bus.publish_detached(Shipped(1))).unwrap();
        let error = block_on(bus.publish_detached(Shipped(2))).unwrap_err();
        assert!(error.is_full());
        assert!(
            error
                .to_string()
                .ends_with("1 are outstanding, which is the limit of this bus")
        );
    });
    assert_logged(
        &log,
        &expect![[r#"ERROR detached publish refused: event="detached::Shipped""#]],
    );
    kept.run_one();
    block_on(bus.publish_detached(Shipped(3))).unwrap();
    kept.run_one();
    assert_eq!(trace.take(), "begins 1\nends 1\nbegins 3\nends 3");
}

#[test]
fn a_full_bus_may_run_it_inline() {
    let (bus, kept, trace) = bus(1, WhenFull::RunInline);
    block_on(bus.publish_detached(Shipped(1))).unwrap();
    block_on(bus.publish_detached(Shipped(2))).unwrap();
    assert_eq!(trace.take(), "begins 2\nends 2");
    assert_eq!((bus.detached_count(), kept.len()), (1, 1));

    let log = Recorder::record(|| {
        let mut inline = Box::pin(bus.publish_detached(Shipped(3)));
        assert!(poll_once(&mut inline).is_pending());
    });
    assert_logged(
        &log,
        &expect![[
            r#"WARN publish dropped half-way: event="detached::Shipped" cut_off="detached::deliver" never_started="""#
        ]],
    );
    trace.take();
    kept.run_one();
    assert_eq!(trace.take(), "begins 1\nends 1");
}

#[test]
fn a_bus_that_lets_nobody_through_runs_inline_or_rejects() {
    let (inline, _, trace) = bus(0, WhenFull::RunInline);
    block_on(inline.publish_detached(Shipped(1))).unwrap();
    assert_eq!(trace.take(), "begins 1\nends 1");
    let (reject, ..) = bus(0, WhenFull::Reject);
    assert!(
        block_on(reject.publish_detached(Shipped(1)))
            .unwrap_err()
            .is_full()
    );
}

#[test]
fn a_derived_bus_has_the_same_settings_and_its_own_count() {
    let (bus, kept, _) = bus(1, WhenFull::Reject);
    let derived = bus.derive().build().unwrap();
    block_on(bus.publish_detached(Shipped(1))).unwrap();
    block_on(derived.publish_detached(Shipped(2))).unwrap();
    block_on(derived.publish_detached(Shipped(3))).unwrap_err();
    assert_eq!(
        (bus.detached_count(), derived.detached_count(), kept.len()),
        (1, 1, 2)
    );
    kept.run_one();
    assert_eq!((bus.detached_count(), derived.detached_count()), (0, 1));
    kept.run_one();
}

/// A waker that uses the bus when it is dropped, as one may that holds the last reference to a task.
struct UsesBusOnDrop(Bus);

impl Wake for UsesBusOnDrop {
    fn wake(self: Arc<Self>) {}
}

impl Drop for UsesBusOnDrop {
    fn drop(&mut self) {
        assert!(self.0.detached_count() <= 1);
    }
}

#[test]
fn wakers_are_dropped_where_they_may_use_the_bus_and_with_the_future() {
    in_time(|| {
        let (bus, kept, _) = bus(1, WhenFull::Wait);
        let wakers = RefCell::new(Vec::new());
        let alive = |wakers: &RefCell<Vec<Weak<_>>>| {
            let wakers = wakers.borrow();
            wakers
                .iter()
                .filter(|waker| waker.strong_count() > 0)
                .count()
        };
        let poll_with_a_new_waker = |future: Pin<&mut dyn Future<Output = ()>>| {
            let waker = Arc::new(UsesBusOnDrop(bus.clone()));
            wakers.borrow_mut().push(Arc::downgrade(&waker));
            let waker = Waker::from(waker);
            future.poll(&mut Context::from_waker(&waker)).is_ready()
        };
        block_on(bus.publish_detached(Shipped(1))).unwrap();
        let mut left = Box::pin(async { bus.publish_detached(Shipped(2)).await.unwrap() });
        let mut let_through = Box::pin(async { bus.publish_detached(Shipped(3)).await.unwrap() });
        let mut drained = Box::pin(bus.drained());
        for _ in 0..3 {
            assert!(!poll_with_a_new_waker(left.as_mut()));
            assert!(!poll_with_a_new_waker(let_through.as_mut()));
            assert!(!poll_with_a_new_waker(drained.as_mut()));
        }
        assert_eq!(alive(&wakers), 3);
        drop(left);
        drop(drained);
        assert_eq!(alive(&wakers), 1);
        kept.run_one();
        assert!(
            !is_drained(&bus),
            "one has its turn, which it has not taken"
        );
        assert!(poll_with_a_new_waker(let_through.as_mut()));
        kept.run_one();
        assert!(is_drained(&bus));
        assert_eq!(alive(&wakers), 0);
    });
}

// ---- spawners

#[test]
fn a_spawner_that_panics_is_an_error() {
    struct PanicsOnDrop;

    impl Drop for PanicsOnDrop {
        fn drop(&mut self) {
            panic!("the payload, too");
        }
    }

    let bus = builder(&Arc::new(Trace::default()))
        .spawner(|task| {
            drop(task);
            std::panic::panic_any(PanicsOnDrop)
        })
        .build()
        .unwrap();
    let log = Recorder::record(|| {
        let error = block_on(bus.publish_detached(Shipped(1))).unwrap_err();
        assert!(error.to_string().ends_with("the spawner panicked"));
        assert!(!error.is_full());
    });
    assert_logged(
        &log,
        &expect![[r#"
            WARN publish dropped before it began: event="detached::Shipped"
            ERROR detached publish refused: event="detached::Shipped""#]],
    );
    assert!(is_drained(&bus));
}

#[test]
fn a_spawner_that_drops_the_task_loses_it_with_a_line_in_the_log() {
    let bus = builder(&Arc::new(Trace::default()))
        .spawner(drop)
        .detached_limit(1, WhenFull::Reject)
        .build()
        .unwrap();
    let log = Recorder::record(|| {
        for id in 0..2 {
            block_on(bus.publish_detached(Shipped(id))).unwrap();
        }
    });
    assert_logged(
        &log,
        &expect![[r#"
        WARN publish dropped before it began: event="detached::Shipped"
        WARN publish dropped before it began: event="detached::Shipped""#]],
    );
    assert!(is_drained(&bus));
}

#[test]
fn a_task_that_is_dropped_half_way_says_how_far_it_came() {
    let (bus, kept, trace) = bus(1, WhenFull::Reject);
    block_on(bus.publish_detached(Shipped(1))).unwrap();
    let log = Recorder::record(|| {
        let mut task = kept.take();
        assert!(poll_once(&mut task).is_pending());
        assert_eq!(bus.detached_count(), 1);
    });
    assert_eq!(trace.take(), "begins 1");
    assert_logged(
        &log,
        &expect![[
            r#"WARN publish dropped half-way: event="detached::Shipped" cut_off="detached::deliver" never_started="""#
        ]],
    );
    assert!(is_drained(&bus));
    block_on(bus.publish_detached(Shipped(2))).unwrap();
    kept.run_one();
    assert_eq!(trace.take(), "begins 2\nends 2");
}

#[test]
fn a_task_that_is_over_is_not_outstanding_and_may_be_polled_again() {
    let (bus, kept, trace) = bus(1, WhenFull::Reject);
    block_on(bus.publish_detached(Shipped(1))).unwrap();
    let log = Recorder::record(|| {
        let mut task = kept.take();
        assert!(poll_once(&mut task).is_pending());
        assert!(poll_once(&mut task).is_ready());
        assert!(is_drained(&bus), "although the spawner has kept the task");
        assert!(poll_once(&mut task).is_ready());
    });
    assert_eq!(log, "");
    assert_eq!(trace.take(), "begins 1\nends 1");
}

#[test]
fn a_spawner_may_run_the_task_at_once() {
    let trace = Arc::new(Trace::default());
    let bus = builder(&trace)
        .spawner(block_on)
        .detached_limit(1, WhenFull::Reject)
        .build()
        .unwrap();
    for id in 1..=2 {
        block_on(bus.publish_detached(Shipped(id))).unwrap();
    }
    assert_eq!(trace.take(), "begins 1\nends 1\nbegins 2\nends 2");
}

// ---- handlers

#[event(async)]
struct Failing<T>(T);

#[handler(Failing<u8>)]
async fn fail(_: &Failing<u8>) -> Result<(), String> {
    yield_now().await;
    Err(String::from("its error"))
}

#[handler(Failing<u8>)]
async fn panic(_: &Failing<u8>) {
    yield_now().await;
    panic!("its panic");
}

#[test]
fn failures_are_logged_with_the_line_that_published() {
    let kept = Kept::default();
    let bus = Bus::isolated()
        .with(fail)
        .with(panic)
        .spawner(kept.spawner())
        .build()
        .unwrap();
    let log = Recorder::record(|| {
        block_on(bus.publish_detached(Failing(1_u8))).unwrap();
        kept.run_one();
        // Nobody is there, which is no failure.
        block_on(bus.publish_detached(Failing('c'))).unwrap();
        kept.run_one();
        block_on(bus.publish_detached(Failing(2_u8))).unwrap();
        drop(kept.take());
    });
    assert_logged(
        &log,
        &expect![[r#"
        ERROR handler failed: event="detached::Failing<u8>" handler="detached::fail" error="its error"
        ERROR handler panicked: event="detached::Failing<u8>" handler="detached::panic" error="its panic"
        WARN publish dropped before it began: event="detached::Failing<u8>""#]],
    );
    assert!(is_drained(&bus));
}

#[event(async)]
struct Countdown(u32);

#[handler(Countdown)]
async fn count_down(event: &Countdown, bus: &Bus, trace: &Trace) {
    trace.add(event.0.to_string());
    yield_now().await;
    if event.0 > 0 {
        bus.publish_detached(Countdown(event.0 - 1)).await.unwrap();
    }
}

#[test]
fn drained_waits_for_what_handlers_publish_meanwhile() {
    let (bus, kept, trace) = bus(2, WhenFull::Wait);
    let bus = bus.derive().with(count_down).build().unwrap();
    block_on(bus.publish_detached(Countdown(3))).unwrap();
    let mut drained = Box::pin(bus.drained());
    for _ in 0..4 {
        assert!(poll_once(&mut drained).is_pending());
        kept.run_one();
    }
    assert!(poll_once(&mut drained).is_ready());
    assert_eq!(trace.take(), "3\n2\n1\n0");
}

#[test]
fn drained_within_a_limit_says_how_many_are_left() {
    in_time(|| {
        let (bus, kept, _) = bus(1, WhenFull::Wait);
        bus.drained_within(Duration::ZERO).unwrap();
        block_on(bus.publish_detached(Shipped(1))).unwrap();
        let mut waiting = Box::pin(bus.publish_detached(Shipped(2)));
        assert!(poll_once(&mut waiting).is_pending());
        for limit in [0, 20].map(Duration::from_millis) {
            let start = Instant::now();
            let left = bus.drained_within(limit).unwrap_err();
            assert!(start.elapsed() >= limit);
            assert_eq!(left.count(), 2, "one is outstanding and one waits");
            assert_eq!(left.to_string(), "2 detached tasks are still outstanding");
        }
        drop(waiting);
        let (sender, receiver) = mpsc::channel::<()>();
        // Not a scoped thread: the end of one would wake this one.
        let other = thread::spawn(move || {
            thread::sleep(Duration::from_millis(10));
            kept.run_one();
            receiver.recv().ok();
        });
        // More than any clock can tell.
        bus.drained_within(Duration::MAX).unwrap();
        assert_eq!(bus.detached_count(), 0);
        drop(sender);
        other.join().unwrap();
    });
}

#[test]
fn a_handler_that_never_ends_is_left_at_the_limit() {
    in_time(|| {
        let kept = Kept::default();
        let bus = Bus::isolated()
            .subscribe("never", |_: &Shipped| pending::<()>())
            .spawner(kept.spawner())
            .build()
            .unwrap();
        block_on(bus.publish_detached(Shipped(1))).unwrap();
        let mut task = kept.take();
        assert!(poll_once(&mut task).is_pending());
        assert_eq!(
            bus.drained_within(Duration::from_millis(10))
                .unwrap_err()
                .count(),
            1
        );
        drop(task);
        bus.drained_within(Duration::ZERO).unwrap();
    });
}

// ---- many threads

/// Threads that poll what they are given, in turns, until they are told to stop.
#[derive(Default)]
struct Pool {
    tasks: Mutex<(VecDeque<DetachedTask>, bool)>,
    changed: Condvar,
}

impl Pool {
    fn push(&self, task: DetachedTask) {
        self.tasks.lock().unwrap().0.push_back(task);
        self.changed.notify_one();
    }

    fn stop(&self) {
        self.tasks.lock().unwrap().1 = true;
        self.changed.notify_all();
    }

    fn run(&self) {
        loop {
            let mut tasks = self.tasks.lock().unwrap();
            let mut task = loop {
                match tasks.0.pop_front() {
                    Some(task) => break task,
                    None if tasks.1 => return,
                    None => tasks = self.changed.wait(tasks).unwrap(),
                }
            };
            drop(tasks);
            // One poll at a time, each perhaps on another thread.
            if poll_once(&mut task).is_pending() {
                self.push(task);
            }
        }
    }
}

#[derive(Default)]
struct Counts {
    under_way: AtomicUsize,
    most: AtomicUsize,
    handled: AtomicUsize,
}

#[event(async)]
struct Counted(usize);

#[handler(Counted)]
async fn count(event: &Counted, counts: &Counts) -> Result<(), String> {
    let under_way = counts.under_way.fetch_add(1, Ordering::SeqCst) + 1;
    counts.most.fetch_max(under_way, Ordering::SeqCst);
    yield_now().await;
    counts.under_way.fetch_sub(1, Ordering::SeqCst);
    counts.handled.fetch_add(1, Ordering::SeqCst);
    if event.0.is_multiple_of(1000) {
        return Err(String::from("every thousandth fails"));
    }
    Ok(())
}

/// Publishes 10,000 events from 8 threads: how many were handled and rejected, how many failures were logged, and how many
/// were under way at most.
fn publish_from_many_threads(limit: usize, when_full: WhenFull) -> (usize, usize, usize, usize) {
    const THREADS: usize = 8;
    const PUBLISHES: usize = 1250;

    in_time(move || {
        let (counts, pool) = (Arc::new(Counts::default()), Arc::new(Pool::default()));
        let spawner = {
            let pool = Arc::clone(&pool);
            move |task| pool.push(task)
        };
        let bus = Bus::isolated()
            .provide_arc(Arc::clone(&counts))
            .with(count)
            .spawner(spawner)
            .detached_limit(limit, when_full)
            .build()
            .unwrap();
        let recorder = Recorder::default();
        let rejected: usize = thread::scope(|scope| {
            let workers = [(); 2].map(|()| scope.spawn(|| recorder.listen(|| pool.run())));
            let (bus, recorder) = (&bus, &recorder);
            let publish = |thread: usize| {
                let numbers = thread * PUBLISHES..(thread + 1) * PUBLISHES;
                let results = numbers.map(|number| block_on(bus.publish_detached(Counted(number))));
                results.filter(Result::is_err).count()
            };
            let publishers: Vec<_> = (0..THREADS)
                .map(|thread| scope.spawn(move || recorder.listen(|| publish(thread))))
                .collect();
            let rejected = publishers
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum();
            bus.drained_within(Duration::from_secs(50)).unwrap();
            pool.stop();
            for worker in workers {
                worker.join().unwrap();
            }
            rejected
        });
        let log = recorder.take();
        let failures = log
            .iter()
            .filter(|line| line.starts_with("ERROR handler failed:"))
            .count();
        let told = if cfg!(feature = "tracing") {
            failures + rejected
        } else {
            0
        };
        assert_eq!(log.len(), told, "nothing is lost without a line");
        let [handled, most] =
            [&counts.handled, &counts.most].map(|count| count.load(Ordering::SeqCst));
        (handled, rejected, failures, most)
    })
}

/// Every thousandth fails, which is only logged.
const FAILURES: usize = if cfg!(feature = "tracing") { 10 } else { 0 };

#[test]
fn many_threads_that_wait_lose_nothing() {
    let (handled, rejected, failures, most) = publish_from_many_threads(3, WhenFull::Wait);
    assert_eq!((handled, rejected, failures), (10_000, 0, FAILURES));
    assert!(most <= 3, "{most}");
}

#[test]
fn many_threads_that_run_inline_lose_nothing() {
    let (handled, rejected, failures, most) = publish_from_many_threads(3, WhenFull::RunInline);
    assert_eq!((handled, rejected, failures), (10_000, 0, FAILURES));
    assert!(most <= 3 + 8, "{most}");
}

#[test]
fn many_threads_that_are_rejected_know_it() {
    let (handled, rejected, _, most) = publish_from_many_threads(3, WhenFull::Reject);
    assert_eq!(handled + rejected, 10_000);
    assert!(most <= 3, "{most}");
}

#[test]
fn a_limit_that_lets_everybody_wait_for_ever_is_a_fault() {
    let error = Bus::isolated()
        .detached_limit(0, WhenFull::Wait)
        .build()
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("lets every detached publish wait for ever"),
        "{error}"
    );
    for when_full in [WhenFull::Reject, WhenFull::RunInline] {
        Bus::isolated()
            .detached_limit(0, when_full)
            .build()
            .unwrap();
    }
}
