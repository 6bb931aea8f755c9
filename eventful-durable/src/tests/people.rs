//! The views and commands of people.

use super::support::*;
use crate::state::{self, ReplayFrom, Warning};
use crate::store::{DeadFilter, Position, Store};
use crate::{Memory, Subscription, Worker};

#[tokio::test(start_paused = true)]
async fn a_replay_delivers_again_and_says_so() {
    let (store, trace) = (Memory::new(), Trace::default());
    let lines = trace.clone();
    let mail = answering("mail", &["placed"], move |event, attempt| {
        lines.push(format!("{} {}", text(&event), attempt.is_replay));
        done()
    });
    let mut once = tracing("once", &["placed"], &trace);
    once.replay = false;
    let worker = Worker::builder(vec![mail, once], store.clone()).only("mail");
    let worker = worker.build().await.expect("it builds");
    for number in 1..=3 {
        publish(&store, "placed", "ada", &number.to_string()).await;
    }
    run(&worker).await;
    assert_eq!(trace.take(), ["1 false", "2 false", "3 false"]);
    let from = ReplayFrom::Position(Position(2));
    state::replay(&store, "mail", from)
        .await
        .expect("it replays");
    let summary = &state::summaries(&store).await.expect("it answers")[0];
    assert_eq!(summary.warnings, [Warning::Unowned(1), Warning::Replaying]);
    publish(&store, "placed", "ada", "4").await;
    run(&worker).await;
    assert_eq!(trace.take(), ["2 true", "3 true", "4 false"]);
    let refused = state::replay(&store, "once", ReplayFrom::Beginning).await;
    let refused = refused.expect_err("it refuses");
    assert!(refused.is_refused());
    assert!(
        refused.to_string().contains("`once` refuses replays"),
        "{refused}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_paused_subscription_runs_nothing_until_it_is_resumed() {
    let (store, trace) = (Memory::new(), Trace::default());
    let worker = worker(vec![tracing("mail", &["placed"], &trace)], &store).await;
    let handle = worker.handle();
    let person = async {
        publish(&store, "placed", "", "1").await;
        tokio::time::sleep(3 * SECOND).await;
        state::pause(&store, "mail").await.expect("there is one");
        tokio::time::sleep(3 * SECOND).await;
        publish(&store, "placed", "", "2").await;
        tokio::time::sleep(3 * SECOND).await;
        assert_eq!(trace.lines(), ["mail 1"]);
        let summary = &state::summaries(&store).await.expect("it answers")[0];
        assert_eq!(summary.warnings, [Warning::Paused, Warning::Unowned(1)]);
        state::resume(&store, "mail").await.expect("there is one");
        tokio::time::sleep(3 * SECOND).await;
        assert_eq!(trace.lines(), ["mail 1", "mail 2"]);
        handle.stop(SECOND).await;
    };
    let (stopped, ()) = tokio::join!(worker.run_until(std::future::pending()), person);
    stopped.expect("nothing was running");
}

/// A handler by which each event dies, unless the trace has it.
fn dying_once(names: &[&str], trace: &Trace) -> Subscription {
    let lines = trace.clone();
    answering("mail", names, move |event, _| {
        let is_second = lines.count(&text(&event)) > 0;
        lines.push(text(&event));
        if is_second { done() } else { gives_up("no") }
    })
}

#[tokio::test(start_paused = true)]
async fn dead_letters_are_listed_by_filters_and_pages_retried_and_discarded() {
    let (store, trace) = (Memory::new(), Trace::default());
    let mail = dying_once(&["placed", "paid"], &trace);
    let worker = worker(vec![mail], &store).await;
    for number in 1..=5 {
        let name = if number % 2 == 0 { "paid" } else { "placed" };
        publish(&store, name, &format!("key {number}"), &number.to_string()).await;
        run(&worker).await;
        tokio::time::sleep(SECOND).await;
    }
    let all = DeadFilter::default();
    let mut seen = Vec::new();
    let mut last = None;
    loop {
        let page = state::dead_letters(&store, &all, last.as_ref(), 2)
            .await
            .expect("it answers");
        let Some(end) = page.last().cloned() else {
            break;
        };
        seen.extend(page.iter().map(|dead| text(&dead.envelope)));
        last = Some(end);
    }
    assert_eq!(seen, ["1", "2", "3", "4", "5"], "the oldest first");
    let of_name = DeadFilter {
        name: Some("paid".to_owned()),
        ..DeadFilter::default()
    };
    let unknown = DeadFilter {
        subscription: Some("nobody".to_owned()),
        ..DeadFilter::default()
    };
    assert_eq!(
        store
            .dead_letters(&unknown)
            .await
            .expect("it answers")
            .len(),
        0
    );
    assert_eq!(store.retry_dead(&of_name).await.expect("it answers"), 2);
    let of_key = DeadFilter {
        key: Some("key 1".to_owned()),
        ..DeadFilter::default()
    };
    assert_eq!(store.discard_dead(&of_key).await.expect("it answers"), 1);
    trace.push("2 4");
    run(&worker).await;
    let left = store.dead_letters(&all).await.expect("it answers");
    let left: Vec<_> = left.iter().map(|dead| text(&dead.envelope)).collect();
    assert_eq!(left, ["3", "5"]);
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_is_retried_after_its_event_was_trimmed() {
    let (store, trace) = (Memory::new(), Trace::default());
    let mail = dying_once(&["placed"], &trace);
    let worker = worker(vec![mail], &store).await;
    publish(&store, "placed", "ada", "one").await;
    publish(&store, "placed", "ada", "two").await;
    run(&worker).await;
    tokio::time::sleep(SECOND).await;
    let trimmed = store.trim(SECOND / 2, 10).await.expect("it answers");
    assert_eq!((trimmed.removed, trimmed.held_by), (1, None));
    assert_eq!(
        store
            .retry_dead(&DeadFilter::default())
            .await
            .expect("it answers"),
        2
    );
    run(&worker).await;
    assert_eq!(trace.lines(), ["one", "two", "one", "two"]);
    assert_eq!(
        store
            .dead_letters(&DeadFilter::default())
            .await
            .expect("it answers")
            .len(),
        0
    );
}

#[tokio::test(start_paused = true)]
async fn an_erased_event_is_seen_by_no_handler() {
    let (store, trace) = (Memory::new(), Trace::default());
    let worker = worker(vec![tracing("mail", &["placed"], &trace)], &store).await;
    publish(&store, "placed", "ada", "secret").await;
    publish(&store, "placed", "bob", "public").await;
    assert_eq!(store.erase("ada").await.expect("it answers"), 1);
    run(&worker).await;
    assert_eq!(trace.lines(), ["mail public"]);
    assert_eq!(log_of(&store).await, ["", "public"]);
}

#[tokio::test(start_paused = true)]
async fn a_subscription_is_split_while_retries_wait() {
    let (store, trace) = (Memory::new(), Trace::default());
    let lines = trace.clone();
    let mail = answering("mail", &["placed"], move |event, attempt| {
        if attempt.number == 1 {
            return fails("not yet");
        }
        lines.push(text(&event));
        done()
    });
    let worker = worker(vec![mail], &store).await;
    for number in 0..40 {
        publish(
            &store,
            "placed",
            &format!("{}", number % 10),
            &format!("{number}"),
        )
        .await;
    }
    run(&worker).await;
    state::split(&store, "mail", 4)
        .await
        .expect("there are slots");
    for _ in 0..6 {
        tokio::time::sleep(2 * SECOND).await;
        run(&worker).await;
    }
    let numbers: Vec<u32> = trace
        .lines()
        .iter()
        .map(|line| line.parse().expect("a number"))
        .collect();
    assert_eq!(numbers.len(), 40);
    for key in 0..10 {
        let of_key: Vec<_> = numbers
            .iter()
            .filter(|number| *number % 10 == key)
            .collect();
        assert!(of_key.is_sorted(), "{key}: {of_key:?}");
    }
    let states = store.subscriptions().await.expect("it answers");
    assert_eq!(states[0].partitions.len(), 4);
}
