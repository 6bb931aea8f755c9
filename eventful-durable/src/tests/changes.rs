//! Names that are forgotten, and subscriptions that are renamed or removed, while a worker runs them.

use super::support::*;
use crate::store::{Change, DeadFilter, Store};
use crate::testing::Expect;
use crate::{Memory, Subscription, Worker, state};

/// A handler that fails for `ada` until the trace says `mended`, and takes five seconds for `slow`.
fn mail(id: &str, trace: &Trace) -> Subscription {
    let lines = trace.clone();
    let label = id.to_owned();
    handler(id, &["placed", "paid"], move |event, attempt| {
        lines.push(format!("{label} {} {}", text(&event), attempt.number));
        let lines = lines.clone();
        async move {
            if text(&event) == "slow" {
                tokio::time::sleep(5 * SECOND).await;
                lines.push(format!("slow ends {}", attempt.number));
            }
            if text(&event) == "ada" && lines.count("mended") == 0 {
                return fails("no");
            }
            done()
        }
    })
}

/// Runs a worker of `mail` and `other` beside a person.
async fn run_beside(store: &Memory, trace: &Trace, person: impl AsyncFnOnce()) {
    let program = vec![mail("mail", trace), tracing("other", &["placed"], trace)];
    let worker = Worker::builder(program, store.clone()).observe(trace.clone());
    let worker = worker.build().await.expect("it builds");
    let handle = worker.handle();
    let person = async {
        person().await;
        handle.stop(SECOND).await;
    };
    let (stopped, ()) = tokio::join!(worker.run_until(std::future::pending()), person);
    stopped.expect("nothing was running");
}

/// The lines of the trace that do not begin with one of these.
fn without(trace: &Trace, parts: &[&str]) -> Vec<String> {
    let mut lines = trace.take();
    lines.retain(|line| !parts.iter().any(|part| line.starts_with(part)));
    lines
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_forgotten_takes_its_retries_along_and_opens_their_keys() {
    let (store, trace) = (Memory::new(), Trace::default());
    run_beside(&store, &trace, async || {
        publish(&store, "placed", "ada", "ada").await;
        publish(&store, "paid", "ada", "behind").await;
        tokio::time::sleep(SECOND / 2).await;
        publish(&store, "placed", "bob", "slow").await;
        tokio::time::sleep(SECOND / 10).await;
        let lines = without(&trace, &["other"]);
        assert_eq!(lines, ["mail ada 1", "retried 1 no", "mail slow 1"]);
        let forget = Change::Forget("placed".to_owned());
        store.change("mail", &forget).await.expect("there is one");
        tokio::time::sleep(20 * SECOND).await;
        publish(&store, "placed", "ada", "later").await;
        publish(&store, "paid", "bob", "paid").await;
        tokio::time::sleep(5 * SECOND).await;
        let lines = without(&trace, &["other"]);
        let expected = [
            // Its key is open already, and only writes are guarded: it comes again.
            "mail behind 1",
            "lost mail",
            "mail behind 1",
            "mail paid 1",
        ];
        assert_eq!(lines, expected, "no attempt of what is forgotten");
        Expect::of(&store).retries("mail", 0).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_is_renamed_goes_on_where_it_was_under_its_new_id() {
    let (store, trace) = (Memory::new(), Trace::default());
    run_beside(&store, &trace, async || {
        publish(&store, "placed", "ada", "ada").await;
        publish(&store, "placed", "ada", "behind").await;
        tokio::time::sleep(SECOND / 2).await;
        publish(&store, "placed", "bob", "slow").await;
        tokio::time::sleep(SECOND / 10).await;
        state::rename(&store, "mail", "post")
            .await
            .expect("there is one");
        publish(&store, "placed", "eve", "later").await;
        tokio::time::sleep(40 * SECOND).await;
        let lines = without(&trace, &["other"]);
        let expected = [
            "mail ada 1",
            "retried 1 no",
            "mail slow 1",
            "lost mail",
            "unclaimed post",
        ];
        assert_eq!(lines, expected, "the worker does not know the new id");
        trace.push("mended");
        let post = worker(vec![mail("post", &trace)], &store).await;
        run(&post).await;
        let mut lines = without(&trace, &["other"]);
        lines.sort();
        let expected = [
            "mended",
            "post ada 2",
            "post behind 1",
            "post later 1",
            "post slow 1",
            "slow ends 1",
        ];
        assert_eq!(lines, expected, "each that was not acknowledged, once");
    })
    .await;
    assert_eq!(trace.count("lost"), 0);
    Expect::of(&store).retries("post", 0).await;
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_is_removed_ends_and_leaves_the_others_alone() {
    let (store, trace) = (Memory::new(), Trace::default());
    run_beside(&store, &trace, async || {
        publish(&store, "placed", "ada", "ada").await;
        tokio::time::sleep(SECOND / 2).await;
        publish(&store, "placed", "bob", "slow").await;
        tokio::time::sleep(SECOND / 10).await;
        trace.take();
        state::remove(&store, "mail").await.expect("there is one");
        publish(&store, "placed", "eve", "later").await;
        tokio::time::sleep(60 * SECOND).await;
        let expected = ["other later", "lost mail"];
        assert_eq!(trace.take(), expected, "said once, and nothing more runs");
        let left = store.subscriptions().await.expect("it answers");
        let left: Vec<_> = left.iter().map(|state| &*state.id).collect();
        assert_eq!(left, ["other"]);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_another_process_asks_for_is_seen_while_others_wait_for_long() {
    let (store, trace) = (Memory::new(), Trace::default());
    let lines = trace.clone();
    let mail = answering("mail", &["placed"], move |event, _| {
        lines.push(text(&event));
        match text(&event).as_str() {
            "dies" => gives_up("never"),
            "waits" => {
                let error = crate::HandlerError::retry_in(HOUR, "busy");
                Err(crate::NotHandled::Failed(error))
            }
            _ => done(),
        }
    });
    let worker = worker(vec![mail], &store).await;
    let handle = worker.handle();
    let person = async {
        publish(&store, "placed", "", "waits").await;
        publish(&store, "placed", "", "dies").await;
        tokio::time::sleep(5 * SECOND).await;
        assert_eq!(trace.take(), ["waits", "dies"]);
        assert_eq!(store.retry_dead_elsewhere(&DeadFilter::default()), 1);
        tokio::time::sleep(5 * SECOND).await;
        assert_eq!(trace.take(), ["dies"]);
        handle.stop(SECOND).await;
    };
    let (stopped, ()) = tokio::join!(worker.run_until(std::future::pending()), person);
    stopped.expect("nothing was running");
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_is_renamed_is_free_at_once() {
    let (store, trace) = (Memory::new(), Trace::default());
    worker(vec![mail("mail", &trace)], &store).await;
    publish(&store, "placed", "bob", "1").await;
    let lease = store.acquire(&acquire("mail")).await;
    lease.expect("it answers").expect("it is free");
    state::rename(&store, "mail", "post")
        .await
        .expect("there is one");
    let post = Worker::builder(vec![mail("post", &trace)], store.clone());
    let post = post.observe(trace.clone()).build().await;
    run(&post.expect("it builds")).await;
    assert_eq!(trace.lines(), ["post 1 1"], "no lease runs out first");
}
