//! Hand-overs of many threads.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use eventful::{Bus, HandOverTask, WhenFull, event, handler};

use crate::executor::{in_time, poll_once, yield_now};
use crate::log_recorder::LogRecorder;

/// Threads that poll what they are given, in turns, until they are told to stop.
#[derive(Default)]
struct Pool {
    tasks: Mutex<(VecDeque<HandOverTask>, bool)>,
    changed: Condvar,
}

impl Pool {
    fn push(&self, task: HandOverTask) {
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

/// Hands over events from 8 threads, so many from each. Returns the numbers of events that were handled and rejected,
/// of failures in the log, and the greatest number that ran at once.
fn hand_over_from_many_threads(
    of_each: usize,
    limit: usize,
    when_full: WhenFull,
) -> (usize, usize, usize, usize) {
    const THREADS: usize = 8;

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
            .hand_over_limit(limit, when_full)
            .build()
            .unwrap();
        let recorder = LogRecorder::default();
        let rejected: usize = thread::scope(|scope| {
            let workers = [(); 2].map(|()| scope.spawn(|| recorder.listen(|| pool.run())));
            let (bus, recorder) = (&bus, &recorder);
            let publish = |thread: usize| {
                let numbers = thread * of_each..(thread + 1) * of_each;
                let results = numbers.map(|number| bus.hand_over(Counted(number)));
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

#[test]
fn many_threads_that_queue_lose_nothing() {
    // Those that wait are polled again and again, and valgrind is slow: not too many.
    let (handled, rejected, failures, most) = hand_over_from_many_threads(126, 3, WhenFull::Queue);
    let told = if cfg!(feature = "tracing") { 2 } else { 0 };
    assert_eq!((handled, rejected, failures), (1_008, 0, told));
    assert!(most <= 3, "{most}");
}

#[test]
fn many_threads_that_are_rejected_know_it() {
    let (handled, rejected, _, most) = hand_over_from_many_threads(1250, 3, WhenFull::Reject);
    assert_eq!(handled + rejected, 10_000);
    assert!(most <= 3, "{most}");
}
