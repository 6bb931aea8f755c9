//! Events that wait: for their retry, or to be heard at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::support::*;
use crate::store::{DeadFilter, Store};
use crate::testing::{Expect, Fault, FaultyStore, Step};
use crate::{HandlerError, Memory, NotHandled, Worker};

#[tokio::test(start_paused = true)]
async fn an_event_that_is_erased_while_it_waits_is_over_and_opens_its_key() {
    let (store, trace) = (Memory::new(), Trace::default());
    let lines = trace.clone();
    let mail = answering("mail", &["placed"], move |event, _| {
        lines.push(text(&event));
        if event.payload.len() > 1 {
            fails("no")
        } else {
            done()
        }
    });
    let worker = worker(vec![mail], &store).await;
    publish(&store, "placed", "ada", "secret").await;
    publish(&store, "placed", "ada", "behind").await;
    run(&worker).await;
    assert_eq!(trace.take(), ["secret"]);
    assert_eq!(store.erase("ada").await.expect("it answers"), 2);
    publish(&store, "placed", "ada", "3").await;
    store.move_clock(2 * SECOND);
    run(&worker).await;
    assert_eq!(trace.take(), ["3"], "no handler sees what is erased");
    Expect::of(&store).retries("mail", 0).await;
}

#[tokio::test(start_paused = true)]
async fn the_first_failure_is_kept_and_the_latest() {
    let store = Memory::new();
    let mut mail = answering("mail", &["placed"], |_, attempt| {
        let text = format!("failure {}", attempt.number);
        let error = HandlerError::retry_in(SECOND, text);
        Err(NotHandled::Failed(error))
    });
    mail.settings.retry.attempts = Some(25);
    let worker = worker(vec![mail], &store).await;
    publish(&store, "placed", "", "1").await;
    for _ in 0..25 {
        run(&worker).await;
        store.move_clock(2 * SECOND);
    }
    let dead = store.dead_letters(&DeadFilter::default()).await;
    let failures = &dead.expect("it answers")[0].failures;
    let texts: Vec<_> = failures.iter().map(|failure| &*failure.text).collect();
    let latest = (17..=25).map(|number| format!("failure {number}"));
    let expected: Vec<_> = std::iter::once("failure 1".to_owned())
        .chain(latest)
        .collect();
    assert_eq!(texts, expected);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_new_to_a_subscription_is_heard_from_then_on() {
    let (store, trace) = (Memory::new(), Trace::default());
    worker(vec![tracing("mail", &["placed"], &trace)], &store).await;
    for (name, payload) in [("placed", "1"), ("paid", "2"), ("placed", "3")] {
        publish(&store, name, "", payload).await;
    }
    let mail = tracing("mail", &["placed", "paid"], &trace);
    let worker = worker(vec![mail], &store).await;
    publish(&store, "paid", "", "4").await;
    run(&worker).await;
    assert_eq!(trace.lines(), ["mail 1", "mail 3", "mail 4"]);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_ends_before_its_batch_has_had_its_time_gets_no_row() {
    let memory = Memory::new();
    let rows = Arc::new(AtomicUsize::new(0));
    let counted = rows.clone();
    let store = FaultyStore::new(memory.clone(), move |step| {
        if let Step::Acknowledge(acknowledgement) = step {
            counted.fetch_add(acknowledgement.retries.len(), Ordering::Relaxed);
        }
        Fault::None
    });
    let mail = handler("mail", &["placed"], |_, _| async {
        tokio::time::sleep(SECOND * 9 / 10).await;
        done()
    });
    let worker = Worker::builder(vec![mail], store).build().await;
    let worker = worker.expect("it builds");
    for payload in ["1", "2"] {
        publish(&memory, "placed", "", payload).await;
    }
    run(&worker).await;
    assert_eq!(rows.load(Ordering::Relaxed), 0);
}
