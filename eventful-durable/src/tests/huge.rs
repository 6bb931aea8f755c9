//! Events that are larger than a batch may be: they are in the log, whoever put them there.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::support::*;
use crate::store::Store;
use crate::{Memory, Subscription};

const HUGE: usize = 10 * 1024 * 1024;

/// A handler that writes down the size of an event, and the bytes that are in hand with it. The first attempt fails.
fn weighing(trace: &Trace) -> Subscription {
    let lines = trace.clone();
    let in_hand = Arc::new(AtomicUsize::new(0));
    handler("mail", &["placed"], move |event, attempt| {
        let (lines, in_hand) = (lines.clone(), in_hand.clone());
        async move {
            let size = event.payload.len();
            in_hand.fetch_add(size, Ordering::Relaxed);
            tokio::time::sleep(SECOND / 100).await;
            let all = in_hand.load(Ordering::Relaxed);
            let attempt = attempt.number;
            lines.push(format!("{attempt}: {size} of {all}"));
            in_hand.fetch_sub(size, Ordering::Relaxed);
            if attempt == 1 { fails("no") } else { done() }
        }
    })
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_larger_than_a_batch_is_in_hand_alone() {
    let (store, trace) = (Memory::new(), Trace::default());
    let worker = worker(vec![weighing(&trace)], &store).await;
    for size in [1, 1, HUGE, HUGE, 1] {
        publish(&store, "placed", "", &"x".repeat(size)).await;
    }
    run(&worker).await;
    let lines = trace.take();
    let huge = format!("1: {HUGE} of {HUGE}");
    assert_eq!(lines, ["1: 1 of 2", "1: 1 of 1", &huge, &huge, "1: 1 of 1"]);
    store.move_clock(2 * SECOND);
    run(&worker).await;
    let lines = trace.take();
    let huge = format!("2: {HUGE} of {HUGE}");
    // Retries without a key wait for none that is before them.
    let expected = ["2: 1 of 3", "2: 1 of 2", "2: 1 of 1", &huge, &huge];
    assert_eq!(lines, expected);
    let states = store.subscriptions().await.expect("it answers");
    assert_eq!(states[0].partitions[0].retries, 0);
}
