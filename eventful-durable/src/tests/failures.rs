//! Every way to fail.

use std::fmt;

use super::support::*;
use crate::store::{DeadFilter, FailureKind, Store};
use crate::{
    Handled, HandlerError, Memory, NotHandled, RetryPolicy, Settings, Subscription, Worker,
};

#[derive(Debug)]
struct ShowsNothing;

impl fmt::Display for ShowsNothing {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("not shown")
    }
}

impl std::error::Error for ShowsNothing {}

/// A handler that fails in the way that its event says.
fn failing() -> Subscription {
    handler("mail", &["placed"], |event, _| async move {
        match text(&event).as_str() {
            "hangs" => std::future::pending().await,
            "panics" => panic!("the worker contains this"),
            "panicked" => Err(NotHandled::Panicked("the core contained this".to_owned())),
            "permanent" => Err(NotHandled::Failed(HandlerError::permanent(
                "no such customer",
            ))),
            "later" => {
                let error = HandlerError::retry_in(30 * SECOND, "busy");
                Err(NotHandled::Failed(error))
            }
            "hidden" => Err(NotHandled::Failed(ShowsNothing.into())),
            "broken" => Err(NotHandled::NotDecoded(
                "expected a value at line 1".to_owned(),
            )),
            _ => Ok(Handled::default()),
        }
    })
}

#[tokio::test(start_paused = true)]
async fn every_way_to_fail_ends_as_a_dead_letter_that_says_why() {
    let (store, trace) = (Memory::new(), Trace::default());
    let settings = Settings {
        retry: RetryPolicy {
            attempts: Some(2),
            ..RetryPolicy::default()
        },
        timeout: Some(10 * SECOND),
        ..Settings::default()
    };
    let worker = Worker::builder(vec![failing()], store.clone()).settings("*", settings);
    let worker = worker
        .observe(trace.clone())
        .build()
        .await
        .expect("it builds");
    let ways = [
        "hangs",
        "panics",
        "panicked",
        "permanent",
        "later",
        "hidden",
        "broken",
        "good",
    ];
    for way in ways {
        publish(&store, "placed", way, way).await;
    }
    for _ in 0..3 {
        run(&worker).await;
        tokio::time::sleep(40 * SECOND).await;
    }
    let dead = store
        .dead_letters(&DeadFilter::default())
        .await
        .expect("it answers");
    let mut dead: Vec<_> = dead
        .iter()
        .map(|dead| {
            let last = dead.failures.last().expect("it has failed");
            let way = text(&dead.envelope);
            (
                way,
                dead.attempts,
                dead.failures.len(),
                last.kind,
                last.text.clone(),
            )
        })
        .collect();
    dead.sort_by(|a, b| a.0.cmp(&b.0));
    let row = |way: &str, attempts, kind, text: &str| {
        (
            way.to_owned(),
            attempts,
            attempts as usize,
            kind,
            text.to_owned(),
        )
    };
    assert_eq!(
        dead,
        [
            row(
                "broken",
                2,
                FailureKind::NotDecoded,
                "expected a value at line 1"
            ),
            row(
                "hangs",
                2,
                FailureKind::TimedOut,
                "the handler took longer than its timeout of 10s"
            ),
            row(
                "hidden",
                2,
                FailureKind::Panicked,
                "the error panicked while it was shown or dropped: not shown"
            ),
            row("later", 2, FailureKind::Failed, "busy"),
            row(
                "panicked",
                2,
                FailureKind::Panicked,
                "the core contained this"
            ),
            row(
                "panics",
                2,
                FailureKind::Panicked,
                "the worker contains this"
            ),
            row("permanent", 1, FailureKind::Failed, "no such customer"),
        ]
    );
    assert_eq!(trace.count("died"), 7, "each is said: {:?}", trace.lines());
}
