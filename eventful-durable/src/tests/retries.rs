//! Retries, dead letters and failing subscriptions.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::support::*;
use crate::store::{DeadFilter, FailureKind, Store};
use crate::{Handled, HandlerError, Memory, NotHandled, RetryPolicy, Settings, WhenDead, Worker};

#[tokio::test(start_paused = true)]
async fn a_failed_event_keeps_its_key_shut_and_no_other() {
    let (store, trace) = (Memory::new(), Trace::default());
    let lines = trace.clone();
    let mail = handler("mail", &["placed"], move |event, attempt| {
        lines.push(format!("{} {}", text(&event), attempt.number));
        let fails = text(&event) == "a1" && attempt.number < 3;
        async move {
            if fails {
                Err(failed("no server"))
            } else {
                Ok(Handled::default())
            }
        }
    });
    let worker = Worker::builder(vec![mail], store.clone())
        .build()
        .await
        .expect("it builds");
    for (key, payload) in [
        ("a", "a1"),
        ("a", "a2"),
        ("b", "b1"),
        ("", "c1"),
        ("a", "a3"),
    ] {
        publish(&store, "placed", key, payload).await;
    }
    worker.run_until_idle().await.expect("a memory answers");
    assert_eq!(trace.take(), ["a1 1", "b1 1", "c1 1"]);
    publish(&store, "placed", "a", "a4").await;
    worker.run_until_idle().await.expect("a memory answers");
    assert_eq!(trace.take(), [""; 0], "a4 waits behind a1");
    tokio::time::sleep(SECOND).await;
    worker.run_until_idle().await.expect("a memory answers");
    assert_eq!(trace.take(), ["a1 2"]);
    tokio::time::sleep(2 * SECOND).await;
    worker.run_until_idle().await.expect("a memory answers");
    assert_eq!(trace.take(), ["a1 3", "a2 1", "a3 1", "a4 1"]);
    let states = store.subscriptions().await.expect("it answers");
    assert_eq!(states[0].partitions[0].retries, 0);
}

#[tokio::test(start_paused = true)]
async fn an_hour_of_outage_leaves_no_dead_letter() {
    let (store, trace) = (Memory::new(), Trace::default());
    let is_down = Arc::new(AtomicBool::new(true));
    let (lines, down) = (trace.clone(), is_down.clone());
    let mail = handler("mail", &["placed"], move |event, _| {
        let fails = down.load(Ordering::Relaxed);
        if !fails {
            lines.push(text(&event));
        }
        async move {
            if fails {
                Err(failed("no server"))
            } else {
                Ok(Handled::default())
            }
        }
    });
    let worker = Worker::builder(vec![mail], store.clone())
        .build()
        .await
        .expect("it builds");
    let handle = worker.handle();
    let outage = async {
        for number in 0..200 {
            publish(
                &store,
                "placed",
                &format!("{}", number % 20),
                &format!("{number}"),
            )
            .await;
            tokio::time::sleep(HOUR / 200).await;
        }
        is_down.store(false, Ordering::Relaxed);
        tokio::time::sleep(2 * HOUR).await;
        handle.stop(SECOND).await;
    };
    let (stopped, ()) = tokio::join!(worker.run_until(std::future::pending()), outage);
    stopped.expect("nothing was running");
    let dead = store
        .dead_letters(&DeadFilter::default())
        .await
        .expect("it answers");
    assert_eq!(dead.len(), 0);
    assert_eq!(trace.lines().len(), 200);
    for key in 0..20 {
        let numbers = trace
            .lines()
            .into_iter()
            .filter_map(|line| line.parse::<u32>().ok());
        let numbers: Vec<_> = numbers.filter(|number| number % 20 == key).collect();
        assert!(numbers.is_sorted(), "{key}: {numbers:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hot_failing_key_leaves_the_others_at_full_speed() {
    let (store, trace) = (Memory::new(), Trace::default());
    let lines = trace.clone();
    let mail = handler("mail", &["placed"], move |event, _| {
        let fails = event.key.as_deref() == Some("hot");
        if !fails {
            lines.push(text(&event));
        }
        async move {
            if fails {
                Err(failed("always"))
            } else {
                Ok(Handled::default())
            }
        }
    });
    let worker = Worker::builder(vec![mail], store.clone())
        .build()
        .await
        .expect("it builds");
    for number in 0..1_000 {
        let key = if number % 2 == 0 {
            "hot".to_owned()
        } else {
            format!("key {number}")
        };
        publish(&store, "placed", &key, &number.to_string()).await;
    }
    let began = tokio::time::Instant::now();
    worker.run_until_idle().await.expect("a memory answers");
    assert_eq!(
        trace.lines().len(),
        500,
        "every other key is done in one go"
    );
    assert!(began.elapsed() < SECOND / 10, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_thousand_outstanding_stop_the_cursor_and_say_so() {
    let (store, trace) = (Memory::new(), Trace::default());
    let works = Arc::new(AtomicBool::new(false));
    let now_works = works.clone();
    let mail = handler("mail", &["placed"], move |_, _| {
        let works = now_works.load(Ordering::Relaxed);
        async move {
            if works {
                Ok(Handled::default())
            } else {
                Err(failed("no server"))
            }
        }
    });
    let worker = Worker::builder(vec![mail], store.clone()).observe(trace.clone());
    let worker = worker.build().await.expect("it builds");
    for number in 0..1_500 {
        publish(&store, "placed", "", &number.to_string()).await;
    }
    worker.run_until_idle().await.expect("a memory answers");
    let partition = |states: Vec<crate::store::SubscriptionState>| states[0].partitions[0].clone();
    let state = partition(store.subscriptions().await.expect("it answers"));
    assert_eq!(
        (state.retries, state.lag, state.failing),
        (1_000, 500, true)
    );
    assert_eq!(trace.count("failing with 1000"), 1);
    works.store(true, Ordering::Relaxed);
    tokio::time::sleep(2 * SECOND).await;
    worker.run_until_idle().await.expect("a memory answers");
    let state = partition(store.subscriptions().await.expect("it answers"));
    assert_eq!((state.retries, state.lag, state.failing), (0, 0, false));
    assert_eq!(trace.count("failing no longer"), 1);
    assert_eq!(state.handled, 1_500);
}

#[derive(Debug)]
struct ShowsNothing;

impl fmt::Display for ShowsNothing {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("not shown")
    }
}

impl std::error::Error for ShowsNothing {}

#[tokio::test(start_paused = true)]
async fn every_way_to_fail_ends_as_a_dead_letter_that_says_why() {
    let (store, trace) = (Memory::new(), Trace::default());
    let mail = handler("mail", &["placed"], |event, _| async move {
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
    });
    let settings = Settings {
        retry: RetryPolicy {
            attempts: Some(2),
            ..RetryPolicy::default()
        },
        timeout: Some(10 * SECOND),
        ..Settings::default()
    };
    let worker = Worker::builder(vec![mail], store.clone()).settings("*", settings);
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
        worker.run_until_idle().await.expect("a memory answers");
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

#[tokio::test(start_paused = true)]
async fn a_dead_letter_lets_its_key_go_on_or_stops_it() {
    for (when_dead, before, after) in [
        (WhenDead::GoOn, vec!["a2"], vec!["a1"]),
        (WhenDead::Stop, vec![], vec!["a1", "a2"]),
    ] {
        let (store, trace) = (Memory::new(), Trace::default());
        let lines = trace.clone();
        let works = Arc::new(AtomicBool::new(false));
        let now_works = works.clone();
        let mail = handler("mail", &["placed"], move |event, _| {
            let fails = text(&event) == "a1" && !now_works.load(Ordering::Relaxed);
            if !fails {
                lines.push(text(&event));
            }
            async move {
                let error = || NotHandled::Failed(HandlerError::permanent("no"));
                if fails {
                    Err(error())
                } else {
                    Ok(Handled::default())
                }
            }
        });
        let settings = Settings {
            when_dead: Some(when_dead),
            ..Settings::default()
        };
        let worker = Worker::builder(vec![mail], store.clone()).settings("mail", settings);
        let worker = worker.build().await.expect("it builds");
        publish(&store, "placed", "a", "a1").await;
        publish(&store, "placed", "a", "a2").await;
        worker.run_until_idle().await.expect("a memory answers");
        assert_eq!(trace.take(), before, "{when_dead:?}");
        works.store(true, Ordering::Relaxed);
        let all = DeadFilter::default();
        assert_eq!(store.retry_dead(&all).await.expect("it answers"), 1);
        worker.run_until_idle().await.expect("a memory answers");
        assert_eq!(trace.take(), after, "{when_dead:?}");
        let dead = store.dead_letters(&all).await.expect("it answers");
        assert_eq!(
            dead.len(),
            0,
            "a retried dead letter goes when it is handled"
        );
    }
}

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
    let worker = Worker::builder(vec![mail], store.clone())
        .build()
        .await
        .expect("it builds");
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
    worker.run_until_idle().await.expect("a memory answers");
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
