//! Trimming while a worker runs.

use super::support::*;
use crate::{Memory, Worker};

/// More than a step trims.
const OLD: usize = 50_000;

/// A store whose old events are of no interest to the handler of the worker, but for the last.
async fn world(trace: &Trace) -> (Memory, Worker) {
    let store = Memory::new();
    let (lines, log) = (trace.clone(), store.clone());
    let mail = handler("mail", &["paid"], move |event, _| {
        let (lines, log) = (lines.clone(), log.clone());
        async move {
            let is_trimming = log_of(&log).await.len() > 2;
            lines.push(format!("{} {is_trimming}", text(&event)));
            done()
        }
    });
    let worker = Worker::builder(vec![mail], store.clone()).retention(HOUR);
    let worker = worker.observe(trace.clone()).build().await;
    for _ in 0..=OLD {
        publish(&store, "placed", "", "old").await;
    }
    store.move_clock(2 * HOUR);
    (store, worker.expect("it builds"))
}

#[tokio::test(start_paused = true)]
async fn all_that_is_old_is_trimmed_in_one_round_while_events_are_delivered() {
    let trace = Trace::default();
    let (store, worker) = world(&trace).await;
    let publishes = async {
        tokio::time::sleep(60 * SECOND + SECOND / 100).await;
        publish(&store, "paid", "", "meanwhile").await;
    };
    let runs = worker.run_until(tokio::time::sleep(62 * SECOND));
    let (stopped, ()) = tokio::join!(runs, publishes);
    stopped.expect("nothing was running");
    assert_eq!(trace.lines(), ["meanwhile true"]);
    let left = log_of(&store).await;
    assert_eq!(left.len(), 1, "only what is young is left");
}

#[tokio::test(start_paused = true)]
async fn a_round_of_trimming_ends_with_its_worker() {
    let trace = Trace::default();
    let (store, worker) = world(&trace).await;
    let runs = worker.run_until(tokio::time::sleep(60 * SECOND + SECOND / 100));
    runs.await.expect("nothing was running");
    let left = log_of(&store).await.len();
    assert!(left > 1 && left < OLD, "{left} are left");
    tokio::time::sleep(HOUR).await;
    assert_eq!(log_of(&store).await.len(), left);
}
