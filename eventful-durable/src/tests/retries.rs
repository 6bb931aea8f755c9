//! Retries, dead letters and failing subscriptions.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::support::*;
use crate::store::{DeadFilter, Store};
use crate::{Memory, Settings, WhenDead, Worker};

#[tokio::test(start_paused = true)]
async fn a_failed_event_keeps_its_key_shut_and_no_other() {
    let (store, trace) = (Memory::new(), Trace::default());
    let lines = trace.clone();
    let mail = answering("mail", &["placed"], move |event, attempt| {
        lines.push(format!("{} {}", text(&event), attempt.number));
        if text(&event) == "a1" && attempt.number < 3 {
            return fails("no server");
        }
        done()
    });
    let worker = worker(vec![mail], &store).await;
    for (key, payload) in [
        ("a", "a1"),
        ("a", "a2"),
        ("b", "b1"),
        ("", "c1"),
        ("a", "a3"),
    ] {
        publish(&store, "placed", key, payload).await;
    }
    run(&worker).await;
    assert_eq!(trace.take(), ["a1 1", "b1 1", "c1 1"]);
    publish(&store, "placed", "a", "a4").await;
    run(&worker).await;
    assert_eq!(trace.take(), [""; 0], "a4 waits behind a1");
    tokio::time::sleep(SECOND).await;
    run(&worker).await;
    assert_eq!(trace.take(), ["a1 2"]);
    tokio::time::sleep(2 * SECOND).await;
    run(&worker).await;
    assert_eq!(trace.take(), ["a1 3", "a2 1", "a3 1", "a4 1"]);
    let states = store.subscriptions().await.expect("it answers");
    assert_eq!(states[0].partitions[0].retries, 0);
}

#[tokio::test(start_paused = true)]
async fn an_hour_of_outage_leaves_no_dead_letter() {
    let (store, trace) = (Memory::new(), Trace::default());
    let is_down = Arc::new(AtomicBool::new(true));
    let (lines, down) = (trace.clone(), is_down.clone());
    let mail = answering("mail", &["placed"], move |event, _| {
        if down.load(Ordering::Relaxed) {
            return fails("no server");
        }
        lines.push(text(&event));
        done()
    });
    let worker = worker(vec![mail], &store).await;
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
    let mail = answering("mail", &["placed"], move |event, _| {
        if event.key.as_deref() == Some("hot") {
            return fails("always");
        }
        lines.push(text(&event));
        done()
    });
    let worker = worker(vec![mail], &store).await;
    for number in 0..1_000 {
        let key = if number % 2 == 0 {
            "hot".to_owned()
        } else {
            format!("key {number}")
        };
        publish(&store, "placed", &key, &number.to_string()).await;
    }
    let began = tokio::time::Instant::now();
    run(&worker).await;
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
    let mail = answering("mail", &["placed"], move |_, _| {
        if now_works.load(Ordering::Relaxed) {
            done()
        } else {
            fails("no server")
        }
    });
    let worker = Worker::builder(vec![mail], store.clone()).observe(trace.clone());
    let worker = worker.build().await.expect("it builds");
    for number in 0..1_500 {
        publish(&store, "placed", "", &number.to_string()).await;
    }
    run(&worker).await;
    let partition = |states: Vec<crate::store::SubscriptionState>| states[0].partitions[0].clone();
    let state = partition(store.subscriptions().await.expect("it answers"));
    assert_eq!(
        (state.retries, state.lag, state.failing),
        (1_000, 500, true)
    );
    assert_eq!(trace.count("failing with 1000"), 1);
    works.store(true, Ordering::Relaxed);
    tokio::time::sleep(2 * SECOND).await;
    run(&worker).await;
    let state = partition(store.subscriptions().await.expect("it answers"));
    assert_eq!((state.retries, state.lag, state.failing), (0, 0, false));
    assert_eq!(trace.count("failing no longer"), 1);
    assert_eq!(state.handled, 1_500);
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
        let mail = answering("mail", &["placed"], move |event, _| {
            if text(&event) == "a1" && !now_works.load(Ordering::Relaxed) {
                return gives_up("no");
            }
            lines.push(text(&event));
            done()
        });
        let settings = Settings {
            when_dead: Some(when_dead),
            ..Settings::default()
        };
        let worker = Worker::builder(vec![mail], store.clone()).settings("mail", settings);
        let worker = worker.build().await.expect("it builds");
        publish(&store, "placed", "a", "a1").await;
        publish(&store, "placed", "a", "a2").await;
        run(&worker).await;
        assert_eq!(trace.take(), before, "{when_dead:?}");
        works.store(true, Ordering::Relaxed);
        let all = DeadFilter::default();
        assert_eq!(store.retry_dead(&all).await.expect("it answers"), 1);
        run(&worker).await;
        assert_eq!(trace.take(), after, "{when_dead:?}");
        let dead = store.dead_letters(&all).await.expect("it answers");
        assert_eq!(
            dead.len(),
            0,
            "a retried dead letter goes when it is handled"
        );
    }
}
