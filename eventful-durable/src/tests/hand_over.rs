//! Leases that go to a worker that knows more.

use std::collections::BTreeMap;

use super::support::*;
use crate::store::{Announcement, Partition, Store};
use crate::{Envelope, Memory, Subscription, Worker};

/// A handler that knows this version of the event.
fn mail(label: &'static str, version: u32, trace: &Trace) -> Subscription {
    let lines = trace.clone();
    let mut mail = answering("mail", &[], move |event, attempt| {
        assert_eq!(attempt.number, 1, "no attempt is spent");
        lines.push(format!("{label} {}", text(&event)));
        done()
    });
    mail.names = names(&[("placed", version)]);
    mail
}

async fn build(mail: Subscription, store: &Memory, trace: &Trace) -> Worker {
    let worker = Worker::builder(vec![mail], store.clone()).observe(trace.clone());
    worker.build().await.expect("it builds")
}

async fn publish_version(store: &Memory, version: u32, key: &str, payload: &str) {
    let envelope = Envelope {
        version,
        ..event("placed", key, payload)
    };
    let appended = store.append(append_of(envelope)).await;
    appended.expect("a memory appends");
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_meets_a_newer_version_hands_over_and_parks_nothing() {
    let (store, trace) = (Memory::new(), Trace::default());
    let old = build(mail("old", 1, &trace), &store, &trace).await;
    let deploy = async {
        publish_version(&store, 1, "ada", "1").await;
        tokio::time::sleep(5 * SECOND).await;
        let new = build(mail("new", 2, &trace), &store, &trace).await;
        let handle = new.handle();
        let publisher = async {
            tokio::time::sleep(5 * SECOND).await;
            publish_version(&store, 1, "ada", "2").await;
            publish_version(&store, 2, "ada", "3").await;
            publish_version(&store, 1, "ada", "4").await;
            tokio::time::sleep(10 * SECOND).await;
            handle.stop(SECOND).await;
        };
        let (stopped, ()) = tokio::join!(new.run_until(std::future::pending()), publisher);
        stopped.expect("nothing was running");
    };
    let stopped = old.run_until(deploy).await;
    stopped.expect("nothing was running");
    let lines = trace.lines();
    let expected = [
        "old 1",
        "old 2",
        "handed over for placed v2",
        "new 3",
        "new 4",
    ];
    assert_eq!(lines, expected);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_never_takes_over_does_not_block_a_subscription() {
    let (store, trace) = (Memory::new(), Trace::default());
    let old = build(mail("old", 1, &trace), &store, &trace).await;
    let peer = Announcement {
        worker: uuid::Uuid::nil(),
        label: "a worker that has hung".to_owned(),
        knows: BTreeMap::from([("mail".to_owned(), names(&[("placed", 2)]))]),
        holds: Vec::<Partition>::new(),
    };
    store.announce(&peer, HOUR).await.expect("it answers");
    let publisher = async {
        publish_version(&store, 2, "ada", "1").await;
        publish_version(&store, 1, "bob", "2").await;
        tokio::time::sleep(5 * 60 * SECOND).await;
    };
    let stopped = old.run_until(publisher).await;
    stopped.expect("nothing was running");
    let handed_over = "handed over for placed v2";
    let expected = [handed_over, handed_over, "parked placed v2", "old 2"];
    assert_eq!(trace.lines(), expected, "it is said, and the others go on");
}
