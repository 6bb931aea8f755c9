//! A plain handler that outlives its timeout: nothing can end its thread.

use std::thread;
use std::time::Duration;

use eventful::durable::{Memory, current};
use eventful::{Bus, event, handler};
use serde::{Deserialize, Serialize};

use crate::world::{Trace, run, worker};

#[event(durable, name = "late.placed", key = key)]
#[derive(Serialize, Deserialize)]
struct Placed {
    key: u32,
    number: u32,
}

#[handler(Placed, id = "late.print", timeout = "250ms", retry(first = "10ms"))]
fn print(event: &Placed, trace: &Trace) {
    let attempt = current().and_then(|current| current.attempt);
    let attempt = attempt.map_or(0, |attempt| attempt.number);
    trace.push(format!("{} {attempt} begins", event.number));
    if (event.number, attempt) == (1, 1) {
        thread::sleep(Duration::from_secs(1));
    }
    trace.push(format!("{} {attempt} ends", event.number));
}

/// In real time, because a thread sleeps.
#[tokio::test]
async fn a_plain_handler_that_outlives_its_timeout_keeps_its_key_shut() {
    let (store, trace) = (Memory::new(), Trace::default());
    let bus = Bus::isolated().with(print).provide(trace.clone());
    let worker = worker(&bus.build().unwrap(), &store).await;
    for number in [1, 2] {
        let mut transaction = store.begin();
        let event = Placed { key: 7, number };
        event.publish(&mut transaction).await.unwrap();
        transaction.commit();
    }
    let all = async {
        let mut lines = Vec::new();
        while lines.len() < 6 {
            run(&worker).await;
            lines.extend(trace.take());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        lines
    };
    let lines = tokio::time::timeout(Duration::from_secs(30), all).await;
    let lines = lines.expect("the second attempt is in time");
    let expected = ["1 1", "1 2", "2 1"];
    let expected = expected.map(|it| [format!("{it} begins"), format!("{it} ends")]);
    assert_eq!(lines, expected.concat());
}
