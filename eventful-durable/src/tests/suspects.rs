//! Suspects of a crash that no handler sees any more: crash mode ends all the same.

use super::support::*;
use crate::store::{Change, Company, Lease, Position, Store};
use crate::testing::{Fault, FaultyStore, Step};
use crate::{Memory, Worker};

/// Takes the lease of `mail` as a worker that notes these events, and dies.
async fn dies_with(store: &Memory, positions: &[i64]) -> Lease {
    let lease = store.acquire(&acquire("mail")).await.expect("it answers");
    let lease = lease.expect("it is free");
    let positions: Vec<_> = positions.iter().map(|it| Position(*it)).collect();
    let noted = store.note(&lease.held, &positions, Company::Alone).await;
    assert_eq!(noted.expect("it answers"), crate::store::Verdict::Accepted);
    lease
}

async fn suspects(store: &Memory) -> usize {
    let lease = store.acquire(&acquire("mail")).await.expect("it answers");
    let lease = lease.expect("it is free");
    let held = std::slice::from_ref(&lease.held);
    store.release(held).await.expect("it answers");
    lease.suspects.len()
}

async fn world(trace: &Trace) -> (Memory, Worker) {
    let store = Memory::new();
    let mail = tracing("mail", &["placed", "paid"], trace);
    let worker = worker(vec![mail], &store).await;
    (store, worker)
}

#[tokio::test(start_paused = true)]
async fn a_suspect_that_was_erased_is_over() {
    let trace = Trace::default();
    let (store, worker) = world(&trace).await;
    publish(&store, "placed", "ada", "1").await;
    publish(&store, "placed", "bob", "2").await;
    dies_with(&store, &[1]).await;
    store.erase("ada").await.expect("it answers");
    store.move_clock(11 * SECOND);
    run(&worker).await;
    assert_eq!(trace.take(), ["mail 2"]);
    assert_eq!(suspects(&store).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_suspect_whose_name_was_forgotten_is_over() {
    let trace = Trace::default();
    let (store, worker) = world(&trace).await;
    publish(&store, "paid", "ada", "1").await;
    publish(&store, "placed", "bob", "2").await;
    dies_with(&store, &[1]).await;
    let forget = Change::Forget("paid".to_owned());
    store.change("mail", &forget).await.expect("there is one");
    run(&worker).await;
    assert_eq!(trace.take(), ["mail 2"]);
    assert_eq!(suspects(&store).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_suspect_whose_effect_was_committed_before_the_death_is_over() {
    let trace = Trace::default();
    let (store, worker) = world(&trace).await;
    let event = event("placed", "ada", "1");
    let id = event.id;
    store
        .append(append_of(event))
        .await
        .expect("a memory appends");
    let lease = dies_with(&store, &[1]).await;
    let transaction = Store::begin(&store, &lease.held).await.expect("it answers");
    let committed = transaction
        .commit(Position(1), id)
        .await
        .expect("it answers");
    assert_eq!(committed, crate::store::Verdict::Accepted);
    store.move_clock(11 * SECOND);
    run(&worker).await;
    assert_eq!(trace.take(), [""; 0], "it is done");
    assert_eq!(suspects(&store).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_suspect_that_waits_for_its_retry_runs_and_is_over() {
    let trace = Trace::default();
    let store = Memory::new();
    let lines = trace.clone();
    let mail = answering("mail", &["placed"], move |event, attempt| {
        lines.push(format!("{} {}", text(&event), attempt.number));
        if attempt.number == 1 {
            fails("no")
        } else {
            done()
        }
    });
    let worker = worker(vec![mail], &store).await;
    publish(&store, "placed", "ada", "1").await;
    run(&worker).await;
    dies_with(&store, &[1]).await;
    store.move_clock(11 * SECOND);
    publish(&store, "placed", "bob", "2").await;
    let lease = store.acquire(&acquire("mail")).await.expect("it answers");
    let lease = lease.expect("it has run out");
    assert_eq!(lease.suspects.len(), 1);
    store.release(&[lease.held]).await.expect("it answers");
    run(&worker).await;
    assert_eq!(suspects(&store).await, 0);
    let mut lines = trace.take();
    lines.sort();
    assert_eq!(lines, ["1 1", "1 2", "2 1"]);
}

#[tokio::test(start_paused = true)]
async fn what_was_noted_and_has_run_is_no_suspect() {
    let trace = Trace::default();
    let (store, worker) = world(&trace).await;
    publish(&store, "placed", "ada", "1").await;
    dies_with(&store, &[]).await;
    store.move_clock(11 * SECOND);
    run(&worker).await;
    assert_eq!(trace.take(), ["mail 1"]);
    assert_eq!(suspects(&store).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_retry_is_noted_after_a_crash_also_where_the_log_has_nothing_new() {
    let (memory, trace) = (Memory::new(), Trace::default());
    let lines = trace.clone();
    let store = FaultyStore::new(memory.clone(), move |step| {
        if let Step::Note(positions) = step {
            lines.push(format!("notes {}", positions[0].0));
        }
        Fault::None
    });
    let lines = trace.clone();
    let mail = answering("mail", &["placed"], move |_, attempt| {
        lines.push(format!("attempt {}", attempt.number));
        match attempt.number {
            1 => fails("no"),
            _ => done(),
        }
    });
    let worker = Worker::builder(vec![mail], store).build().await;
    let worker = worker.expect("it builds");
    publish(&memory, "placed", "ada", "1").await;
    run(&worker).await;
    dies_with(&memory, &[]).await;
    memory.move_clock(11 * SECOND);
    run(&worker).await;
    assert_eq!(trace.take(), ["attempt 1", "notes 1", "attempt 2"]);
}
