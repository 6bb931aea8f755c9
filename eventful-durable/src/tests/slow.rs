//! Handlers that take long.

use std::time::Duration;

use super::support::*;
use crate::store::Store;
use crate::{Handled, Memory, Settings, Worker};

#[tokio::test(start_paused = true)]
async fn a_slow_event_does_not_hold_its_batch() {
    let (store, trace) = (Memory::new(), Trace::default());
    let lines = trace.clone();
    let mail = handler("mail", &["placed"], move |event, _| {
        let lines = lines.clone();
        async move {
            if text(&event) == "slow" {
                tokio::time::sleep(20 * SECOND).await;
            }
            lines.push(text(&event));
            Ok(Handled::default())
        }
    });
    let worker = worker(vec![mail], &store).await;
    let handle = worker.handle();
    let checks = async {
        publish(&store, "placed", "a", "slow").await;
        publish(&store, "placed", "a", "behind").await;
        publish(&store, "placed", "b", "beside").await;
        tokio::time::sleep(5 * SECOND).await;
        let states = store.subscriptions().await.expect("it answers");
        assert_eq!(states[0].partitions[0].lag, 0, "the cursor has moved on");
        assert_eq!(states[0].partitions[0].retries, 2);
        publish(&store, "placed", "b", "next").await;
        tokio::time::sleep(SECOND).await;
        assert_eq!(trace.take(), ["beside", "next"]);
        tokio::time::sleep(20 * SECOND).await;
        assert_eq!(trace.take(), ["slow", "behind"], "once, and in order");
        let states = store.subscriptions().await.expect("it answers");
        assert_eq!(states[0].partitions[0].retries, 0);
        handle.stop(SECOND).await;
    };
    let (stopped, ()) = tokio::join!(worker.run_until(std::future::pending()), checks);
    stopped.expect("nothing was running");
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_nothing_ends_keeps_its_key_shut_until_it_has_ended() {
    let (store, trace) = (Memory::new(), Trace::default());
    let lines = trace.clone();
    let mail = blocking_handler("mail", &["placed"], move |event, attempt| {
        let lines = lines.clone();
        async move {
            lines.push(format!("{} {} begins", text(&event), attempt.number));
            if attempt.number == 1 && text(&event) == "a1" {
                tokio::time::sleep(60 * SECOND).await;
            }
            lines.push(format!("{} {} ends", text(&event), attempt.number));
            Ok(Handled::default())
        }
    });
    let settings = Settings {
        timeout: Some(Duration::from_secs(10)),
        ..Settings::default()
    };
    let worker = Worker::builder(vec![mail], store.clone()).settings("*", settings);
    let worker = worker
        .observe(trace.clone())
        .build()
        .await
        .expect("it builds");
    publish(&store, "placed", "a", "a1").await;
    publish(&store, "placed", "a", "a2").await;
    run(&worker).await;
    assert_eq!(
        trace.lines(),
        [
            "a1 1 begins",
            "retried 1 the handler took longer than its timeout of 10s",
            "a1 1 ends",
            "a1 2 begins",
            "a1 2 ends",
            "a2 1 begins",
            "a2 1 ends",
        ]
    );
}
