//! The kit for tests, and the conformance of the store in memory.

use std::sync::Arc;

use super::support::*;
use crate::memory::Sabotage;
use crate::store::Store;
use crate::testing::{Expect, conformance, crash_between, deliver_twice};
use crate::{Memory, Worker};

#[tokio::test(start_paused = true)]
async fn a_memory_conforms() {
    conformance::check(|| async { Arc::new(Memory::new()) as Arc<dyn Store> }).await;
}

/// The checks find a store that breaks a promise.
#[tokio::test(start_paused = true)]
async fn broken_memories_do_not_conform() {
    for (sabotage, promise) in [
        (Sabotage::NoToken, "the token of the one before is void"),
        (
            Sabotage::NoDoneRow,
            "who takes the lease learns what is done",
        ),
        (
            Sabotage::TrimBelowRetries,
            "nothing is trimmed that a retry needs",
        ),
    ] {
        let checked = tokio::spawn(conformance::check(move || async move {
            Arc::new(Memory::sabotaged(sabotage)) as Arc<dyn Store>
        }));
        let panic = checked.await.expect_err("it is found").into_panic();
        let text = panic.downcast_ref::<String>().expect("a text");
        assert!(
            text.ends_with(&format!("broken: {promise}")),
            "{sabotage:?}: {text}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn deliver_twice_shows_a_handler_that_is_not_idempotent() {
    let (store, trace) = (Memory::new(), Trace::default());
    let program = deliver_twice(vec![tracing("mail", &["placed"], &trace)]);
    let worker = worker(program, &store).await;
    publish(&store, "placed", "", "1").await;
    run(&worker).await;
    assert_eq!(trace.lines(), ["mail 1", "mail 1"]);
    Expect::of(&store).published("placed", 1).await;
}

#[tokio::test(start_paused = true)]
async fn crash_between_delivers_again_and_spares_effects_in_a_transaction() {
    let (memory, trace) = (Memory::new(), Trace::default());
    let effects = trace.clone();
    let stock = transactional("stock", &["placed"], move |event, _| {
        let effects = effects.clone();
        Ok(move || effects.push(format!("reserved {}", text(&event))))
    });
    let program = vec![tracing("mail", &["placed"], &trace), stock];
    let worker = Worker::builder(program, crash_between(memory.clone()));
    let worker = worker.build().await.expect("it builds");
    publish(&memory, "placed", "a", "1").await;
    publish(&memory, "placed", "a", "2").await;
    worker.run_until_idle().await.expect("it goes on");
    let mut lines = trace.lines();
    lines.sort();
    assert_eq!(
        lines,
        [
            "mail 1",
            "mail 1",
            "mail 2",
            "mail 2",
            "reserved 1",
            "reserved 2"
        ]
    );
    Expect::of(&memory).dead("mail", 0).await;
    Expect::of(&memory).retries("mail", 0).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(
    expected = "expected 2 of `placed` to be published, found 1; other events: {\"paid\"}"
)]
async fn an_expectation_says_what_there_was_instead() {
    let store = Memory::new();
    publish(&store, "placed", "", "1").await;
    publish(&store, "paid", "", "2").await;
    Expect::of(&store).published("placed", 2).await;
}
