//! Workers that run: stops, failovers, schedules, slow transactions, and real threads.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use super::support::*;
use crate::store::{Position, Store};
use crate::testing::Expect;
use crate::{
    Append, Attempt, BoxFuture, Envelope, Handle, Handled, Memory, NotHandled, Settings, Worker,
};

#[tokio::test(start_paused = true)]
async fn a_stop_waits_up_to_its_limit_and_gives_the_leases_back() {
    for (takes, ends) in [(5, true), (50, false)] {
        let (store, trace) = (Memory::new(), Trace::default());
        let lines = trace.clone();
        let mail = handler("mail", &["placed"], move |event, _| {
            let lines = lines.clone();
            async move {
                tokio::time::sleep(takes * SECOND).await;
                lines.push(text(&event));
                Ok(Handled::default())
            }
        });
        let worker = Worker::builder(vec![mail], store.clone()).stop_within(10 * SECOND);
        let worker = worker.build().await.expect("it builds");
        publish(&store, "placed", "a", "1").await;
        publish(&store, "placed", "a", "2").await;
        let stopped = worker.run_until(tokio::time::sleep(SECOND / 2)).await;
        assert_eq!(stopped.is_ok(), ends);
        if let Err(error) = stopped {
            let text = "handlers were still running after 10s, and were dropped: mail";
            assert_eq!(error.to_string(), text);
            assert_eq!(error.partitions()[0].subscription, "mail");
        }
        assert_eq!(trace.lines().len(), usize::from(ends), "2 was not started");
        let state = store.subscriptions().await.expect("it answers")[0].partitions[0].clone();
        assert_eq!(state.owner, None);
        assert_eq!(state.cursor.position, Position(1));
        assert_eq!(
            state.retries,
            u64::from(!ends),
            "what was dropped comes again"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_cursor_whose_place_is_gone_is_set_back_loudly() {
    let (store, trace) = (Memory::new(), Trace::default());
    let program = vec![tracing("mail", &["placed"], &trace)];
    let worker = Worker::builder(program, store.clone()).observe(trace.clone());
    let worker = worker.build().await.expect("it builds");
    for number in 1..=4 {
        publish(&store, "placed", "", &number.to_string()).await;
    }
    run(&worker).await;
    trace.take();
    store.fail_over_to(Position(2));
    for number in 5..=7 {
        publish(&store, "placed", "", &number.to_string()).await;
    }
    run(&worker).await;
    assert_eq!(
        trace.take(),
        [
            "set back 4 0",
            "mail 1",
            "mail 2",
            "mail 5",
            "mail 6",
            "mail 7"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_scheduled_event_comes_when_it_is_due() {
    let (store, trace) = (Memory::new(), Trace::default());
    let worker = worker(vec![tracing("mail", &["placed"], &trace)], &store).await;
    let now = store.now().await.expect("it answers");
    let append = Append {
        due_at: Some(now + 10 * SECOND),
        ..append_of(event("placed", "ada", "later"))
    };
    store.append(append).await.expect("a memory appends");
    publish(&store, "placed", "ada", "now").await;
    let handle = worker.handle();
    let waits = async {
        tokio::time::sleep(9 * SECOND).await;
        assert_eq!(trace.lines(), ["mail now"]);
        tokio::time::sleep(SECOND + SECOND / 10).await;
        assert_eq!(trace.lines(), ["mail now", "mail later"]);
        handle.stop(SECOND).await;
    };
    let (stopped, ()) = tokio::join!(worker.run_until(std::future::pending()), waits);
    stopped.expect("nothing was running");
}

/// Holds its transaction for a while.
struct Slow(Duration);

impl Handle for Slow {
    fn handle<'a>(
        &'a self,
        _: Arc<Envelope>,
        _: Attempt,
        lent: Option<&'a mut (dyn Any + Send)>,
    ) -> BoxFuture<'a, Result<Handled, NotHandled>> {
        assert!(lent.is_some());
        Box::pin(async {
            tokio::time::sleep(self.0).await;
            let returned = vec![event("billed", "", "a bill")];
            Ok(Handled { returned })
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_transaction_is_told_of_and_a_slower_one_times_out() {
    let (store, trace) = (Memory::new(), Trace::default());
    let slow = |id: &str, time| {
        let nothing = |_: Arc<Envelope>, _| Ok(|| {});
        let mut subscription = transactional(id, &["placed"], nothing);
        subscription.handler = Arc::new(Slow(time));
        subscription
    };
    let program = vec![slow("slow", SECOND * 3 / 2), slow("slower", 3 * SECOND)];
    let worker = Worker::builder(program, store.clone()).observe(trace.clone());
    let worker = worker.build().await.expect("it builds");
    publish(&store, "placed", "", "1").await;
    run(&worker).await;
    assert_eq!(
        trace.lines(),
        [
            "slow transaction",
            "slow transaction",
            "retried 1 the handler took longer than its timeout of 2s",
        ]
    );
    Expect::of(&store).published("billed", 1).await;
    Expect::of(&store).retries("slower", 1).await;
}

#[tokio::test(start_paused = true)]
async fn each_settings_of_the_worker_win_over_those_of_the_handler() {
    let (store, trace) = (Memory::new(), Trace::default());
    let lines = trace.clone();
    let mut mail = handler("mail", &["placed"], move |_, attempt| {
        lines.push(format!("{} last {}", attempt.number, attempt.is_last));
        async { Err(failed("no")) }
    });
    mail.settings.retry.attempts = Some(5);
    mail.settings.timeout = Some(SECOND);
    let mut settings = Settings::default();
    settings.retry.attempts = Some(2);
    let worker = Worker::builder(vec![mail], store.clone()).settings("m*", settings);
    let worker = worker.build().await.expect("it builds");
    publish(&store, "placed", "", "1").await;
    for _ in 0..3 {
        run(&worker).await;
        store.move_clock(10 * SECOND);
    }
    assert_eq!(trace.lines(), ["1 last false", "2 last true"]);
    let dead = Expect::of(&store).dead("mail", 1).await;
    assert_eq!(dead[0].reason, "all 2 attempts have failed");
}

/// The same on threads and in real time: nothing here depends on one thread or on paused time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_workers_on_several_threads_keep_the_order_of_keys() {
    let (store, trace) = (Memory::new(), Trace::default());
    let lines = trace.clone();
    let mail = handler("mail", &["placed"], move |event, _| {
        let lines = lines.clone();
        async move {
            tokio::task::yield_now().await;
            lines.push(format!(
                "{} {}",
                event.key.as_deref().unwrap_or_default(),
                text(&event)
            ));
            Ok(Handled::default())
        }
    });
    let build = || Worker::builder(vec![mail.clone()], store.clone()).build();
    let (one, two) = (
        build().await.expect("it builds"),
        build().await.expect("it builds"),
    );
    crate::state::split(&store, "mail", 8)
        .await
        .expect("there are slots");
    let handles = [one.handle(), two.handle()];
    let one = tokio::spawn(async move { one.run_until(std::future::pending()).await });
    let two = tokio::spawn(async move { two.run_until(std::future::pending()).await });
    for number in 0..2_000 {
        let key = format!("key {}", number % 50);
        publish(&store, "placed", &key, &number.to_string()).await;
    }
    let all = async {
        while trace.lines().len() < 2_000 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(30 * SECOND, all)
        .await
        .expect("all are handled");
    for handle in handles {
        handle.stop(SECOND).await;
    }
    one.await.expect("no panic").expect("nothing was running");
    two.await.expect("no panic").expect("nothing was running");
    let lines = trace.lines();
    assert_eq!(lines.len(), 2_000, "each once");
    for key in 0..50 {
        let of_key = lines
            .iter()
            .filter_map(|line| line.strip_prefix(&format!("key {key} ")));
        let of_key: Vec<u32> = of_key
            .map(|number| number.parse().expect("a number"))
            .collect();
        assert!(of_key.is_sorted(), "{key}: {of_key:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn workers_of_one_program_share_and_those_of_another_take_nothing_from_them() {
    let (store, trace) = (Memory::new(), Trace::default());
    let program = |ids: &[&str]| {
        let ids = ids.iter();
        ids.map(|id| tracing(id, &["placed"], &trace))
            .collect::<Vec<_>>()
    };
    let all = ["a", "b", "c", "d"];
    let one = worker(program(&all), &store).await;
    let two = worker(program(&all), &store).await;
    let other = worker(program(&["x"]), &store).await;
    let shares = async || {
        let states = store.subscriptions().await.expect("it answers");
        let owners = states
            .iter()
            .filter(|it| it.id != "x")
            .map(|it| it.partitions[0].owner);
        let owners: Vec<_> = owners.collect();
        let owned = |by| owners.iter().filter(|owner| **owner == Some(by)).count();
        let mut shares: Vec<_> = owners.iter().flatten().map(|owner| owned(*owner)).collect();
        shares.dedup();
        shares
    };
    let watch = async {
        tokio::time::sleep(5 * SECOND).await;
        assert_eq!(shares().await, [4], "one is alone but for another program");
        tokio::time::sleep(150 * SECOND).await;
        assert_eq!(shares().await, [2], "two has got its share");
    };
    let late = async {
        tokio::time::sleep(10 * SECOND).await;
        two.run_until(tokio::time::sleep(146 * SECOND)).await
    };
    let end = || tokio::time::sleep(156 * SECOND);
    let (first, second, third, ()) =
        tokio::join!(one.run_until(end()), late, other.run_until(end()), watch);
    first.and(second).and(third).expect("nothing was running");
}
