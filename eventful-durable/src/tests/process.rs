//! Subscriptions that each process has for itself, over a store that fails over to a copy that lags.

use std::time::Duration;

use super::support::*;
use crate::store::{Position, Store};
use crate::{Memory, Subscription, Worker};

/// A worker with a handler of `each = "process"`, which fails on the event "bad". Some events were published before.
async fn world(trace: &Trace, before: &[&str]) -> (Memory, Worker) {
    let store = Memory::new();
    publish_all(&store, before).await;
    let program = vec![dropping("cache", Duration::ZERO, trace)];
    let worker = Worker::builder(program, store.clone()).observe(trace.clone());
    (store, worker.build().await.expect("it builds"))
}

fn dropping(id: &str, takes: Duration, trace: &Trace) -> Subscription {
    let lines = trace.clone();
    let mut cache = handler(id, &["placed"], move |event, _| {
        let (lines, text) = (lines.clone(), text(&event));
        async move {
            if text == "bad" {
                return fails("no");
            }
            tokio::time::sleep(takes).await;
            lines.push(format!("drop {text}"));
            done()
        }
    });
    cache.each_process = true;
    cache
}

async fn publish_all(store: &Memory, texts: &[&str]) {
    for text in texts {
        publish(store, "placed", text, text).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_process_goes_back_to_the_last_place_that_a_failover_has_left() {
    let trace = Trace::default();
    let (store, worker) = world(&trace, &[]).await;
    publish_all(&store, &["1", "2"]).await;
    run(&worker).await;
    publish_all(&store, &["3", "bad"]).await;
    run(&worker).await;
    assert_eq!(trace.take(), ["drop 1", "drop 2", "drop 3", "retried 1 no"]);
    store.fail_over_to(Position(2));
    publish_all(&store, &["5", "6", "7"]).await;
    store.move_clock(HOUR);
    run(&worker).await;
    // The retry of an event that is lost is lost, too.
    let lines = ["set back 4 2", "drop 5", "drop 6", "drop 7"];
    assert_eq!(trace.take(), lines);
    run(&worker).await;
    assert!(trace.take().is_empty(), "it is set back once");
}

#[tokio::test(start_paused = true)]
async fn a_process_of_which_no_place_is_left_goes_back_to_the_beginning() {
    let trace = Trace::default();
    let (store, worker) = world(&trace, &["1", "2", "3"]).await;
    store.fail_over_to(Position(1));
    publish_all(&store, &["4", "5"]).await;
    run(&worker).await;
    let lines = ["set back 3 0", "drop 1", "drop 4", "drop 5"];
    assert_eq!(trace.take(), lines);
}

#[tokio::test(start_paused = true)]
async fn each_subscription_of_a_process_is_set_back_once() {
    let (store, trace) = (Memory::new(), Trace::default());
    let program = vec![
        dropping("fast", Duration::ZERO, &trace),
        dropping("slow", 3 * SECOND, &trace),
    ];
    let worker = Worker::builder(program, store.clone()).deadline(HOUR);
    let worker = worker.observe(trace.clone()).build().await;
    let worker = worker.expect("it builds");
    let fails_over = async {
        for events in [["1", "2"], ["3", "4"]] {
            publish_all(&store, &events).await;
            tokio::time::sleep(10 * SECOND).await;
        }
        trace.take();
        store.fail_over_to(Position(2));
        publish_all(&store, &["5", "6", "7"]).await;
        // The fast one has gone on before the slow one notices, and is left alone.
        tokio::time::sleep(3 * SECOND + SECOND / 3).await;
        publish_all(&store, &["8"]).await;
        tokio::time::sleep(10 * SECOND).await;
    };
    let runs = worker.run_until(tokio::time::sleep(60 * SECOND));
    let (stopped, ()) = tokio::join!(runs, fails_over);
    stopped.expect("nothing was running");
    let lines = [
        "drop 7",
        "lost fast",
        "set back 4 2",
        "drop 5",
        "drop 6",
        "drop 7",
        "drop 7",
        "lost slow",
        "drop 8",
        "set back 4 2",
        "drop 5",
        "drop 6",
        "drop 7",
        "drop 8",
    ];
    assert_eq!(trace.take(), lines);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_runs_notices_a_failover_when_it_acknowledges() {
    let trace = Trace::default();
    let (store, worker) = world(&trace, &[]).await;
    let fails_over = async {
        publish_all(&store, &["1", "2"]).await;
        tokio::time::sleep(2 * SECOND).await;
        publish_all(&store, &["3", "4"]).await;
        tokio::time::sleep(2 * SECOND).await;
        assert_eq!(trace.take(), ["drop 1", "drop 2", "drop 3", "drop 4"]);
        store.fail_over_to(Position(2));
        publish_all(&store, &["5", "6", "7"]).await;
        tokio::time::sleep(5 * SECOND).await;
    };
    let runs = worker.run_until(tokio::time::sleep(20 * SECOND));
    let (stopped, ()) = tokio::join!(runs, fails_over);
    stopped.expect("nothing was running");
    // The first delivery of the last event shows that the log is another one.
    let lines = [
        "drop 7",
        "lost cache",
        "set back 4 2",
        "drop 5",
        "drop 6",
        "drop 7",
    ];
    assert_eq!(trace.take(), lines);
}

#[tokio::test(start_paused = true)]
async fn a_place_that_was_trimmed_sets_nothing_back() {
    let trace = Trace::default();
    let (store, worker) = world(&trace, &[]).await;
    publish_all(&store, &["1", "2"]).await;
    run(&worker).await;
    publish_all(&store, &["3", "4"]).await;
    store.move_clock(HOUR);
    let trimmed = store.trim(Duration::ZERO, 2).await.expect("it answers");
    assert_eq!(trimmed.removed, 2);
    run(&worker).await;
    assert_eq!(trace.take(), ["drop 1", "drop 2", "drop 3", "drop 4"]);
}
