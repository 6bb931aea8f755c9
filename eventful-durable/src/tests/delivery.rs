//! The events that each handler gets, and their order.

use super::support::*;
use crate::store::{Store, SubscriptionState};
use crate::{Handled, Memory, StartsFrom, Worker};

#[tokio::test(start_paused = true)]
async fn each_subscription_handles_each_of_its_events_in_order_of_the_key() {
    let (store, trace) = (Memory::new(), Trace::default());
    let program = vec![
        tracing("mail", &["placed", "paid"], &trace),
        tracing("stock", &["placed"], &trace),
    ];
    let worker = worker(program, &store).await;
    for order in 1..=3 {
        publish(&store, "placed", "ada", &format!("placed {order}")).await;
        publish(&store, "paid", "ada", &format!("paid {order}")).await;
    }
    run(&worker).await;
    let of = |id: &str| {
        let lines = trace.lines().into_iter();
        lines
            .filter_map(|line| Some(line.strip_prefix(id)?.trim().to_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of("mail"),
        [
            "placed 1", "paid 1", "placed 2", "paid 2", "placed 3", "paid 3"
        ]
    );
    assert_eq!(of("stock"), ["placed 1", "placed 2", "placed 3"]);
    trace.take();
    run(&worker).await;
    assert_eq!(trace.lines(), [""; 0], "nothing comes twice");
}

#[tokio::test(start_paused = true)]
async fn what_is_published_before_the_first_worker_is_kept_for_it() {
    let (store, trace) = (Memory::new(), Trace::default());
    publish(&store, "placed", "ada", "early").await;
    let old = Worker::builder(vec![tracing("old", &["placed"], &trace)], store.clone());
    // The store is in use, so a new subscription begins now, unless it says otherwise.
    run(&old.build().await.expect("it builds")).await;
    assert_eq!(trace.take(), [""; 0]);
    publish(&store, "placed", "ada", "late").await;
    let mut all = tracing("all", &["placed"], &trace);
    all.from = StartsFrom::Beginning;
    let program = vec![
        tracing("old", &["placed"], &trace),
        all,
        tracing("new", &["placed"], &trace),
    ];
    let worker = worker(program, &store).await;
    run(&worker).await;
    let mut lines = trace.take();
    lines.sort();
    assert_eq!(lines, ["all early", "all late", "old late"]);
}

#[tokio::test(start_paused = true)]
async fn returned_events_are_appended_once_with_the_acknowledgement() {
    let (store, trace) = (Memory::new(), Trace::default());
    let returning = handler("bill", &["placed"], |_, _| async {
        let returned = vec![event("billed", "ada", "a bill")];
        Ok(Handled { returned })
    });
    let program = vec![returning, tracing("mail", &["billed"], &trace)];
    let worker = worker(program, &store).await;
    publish(&store, "placed", "ada", "an order").await;
    run(&worker).await;
    assert_eq!(trace.lines(), ["mail a bill"]);
    assert_eq!(log_of(&store).await, ["an order", "a bill"]);
}

#[tokio::test(start_paused = true)]
async fn a_transactional_handler_commits_its_effect_with_the_done_row() {
    let (store, trace) = (Memory::new(), Trace::default());
    let effects = trace.clone();
    let stock = transactional("stock", &["placed"], move |event, attempt| {
        let effects = effects.clone();
        if attempt.number == 1 {
            return Err(failed("not yet"));
        }
        Ok(move || effects.push(format!("reserved {}", text(&event))))
    });
    let worker = worker(vec![stock], &store).await;
    publish(&store, "placed", "ada", "1").await;
    run(&worker).await;
    assert_eq!(trace.lines(), [""; 0], "what failed is rolled back");
    store.move_clock(2 * SECOND);
    run(&worker).await;
    assert_eq!(trace.lines(), ["reserved 1"]);
}

#[tokio::test(start_paused = true)]
async fn only_and_except_choose_by_pattern() {
    let (store, trace) = (Memory::new(), Trace::default());
    let program = || {
        let ids = ["mail.confirm", "mail.remind", "stock"];
        ids.map(|id| tracing(id, &["placed"], &trace)).to_vec()
    };
    let mail = Worker::builder(program(), store.clone())
        .only("mail.*")
        .except("*.remind");
    let mail = mail.build().await.expect("it builds");
    publish(&store, "placed", "", "1").await;
    run(&mail).await;
    assert_eq!(trace.take(), ["mail.confirm 1"]);
    let rest = worker(program(), &store).await;
    run(&rest).await;
    let mut lines = trace.take();
    lines.sort();
    assert_eq!(lines, ["mail.remind 1", "stock 1"], "all were registered");
}

#[tokio::test(start_paused = true)]
async fn two_workers_share_and_stop() {
    let (store, trace) = (Memory::new(), Trace::default());
    let build =
        || Worker::builder(vec![tracing("mail", &["placed"], &trace)], store.clone()).build();
    let (one, two) = (
        build().await.expect("it builds"),
        build().await.expect("it builds"),
    );
    let (first, second) = (one.handle(), two.handle());
    let runs = async {
        tokio::join!(
            one.run_until(std::future::pending()),
            two.run_until(std::future::pending())
        )
    };
    let publishes = async {
        for number in 0..50 {
            publish(&store, "placed", "ada", &number.to_string()).await;
            tokio::time::sleep(SECOND / 10).await;
            if number == 20 {
                first.stop(SECOND).await;
            }
        }
        tokio::time::sleep(SECOND).await;
        assert!(second.health().is_ready(), "{:?}", second.health());
        second.stop(SECOND).await;
    };
    let ((ended, ended_too), ()) = tokio::join!(runs, publishes);
    ended.and(ended_too).expect("nothing was running");
    let expected: Vec<_> = (0..50).map(|number| format!("mail {number}")).collect();
    assert_eq!(trace.lines(), expected);
    let states = store.subscriptions().await.expect("a memory answers");
    let is_free = |state: &SubscriptionState| state.partitions[0].owner.is_none();
    assert!(states.iter().all(is_free), "the leases are given back");
}

#[tokio::test(start_paused = true)]
async fn a_subscription_of_each_process_hears_what_is_published_from_its_start_on() {
    let (store, trace) = (Memory::new(), Trace::default());
    publish(&store, "placed", "", "early").await;
    let program = |label: &'static str| {
        let trace = trace.clone();
        let mut cache = answering("cache", &["placed"], move |event, attempt| {
            trace.push(format!("{label} {} {}", text(&event), attempt.number));
            if attempt.number == 1 {
                return fails("not yet");
            }
            done()
        });
        cache.each_process = true;
        vec![cache]
    };
    let one = worker(program("one"), &store).await;
    let two = worker(program("two"), &store).await;
    publish(&store, "placed", "", "late").await;
    for worker in [&one, &two, &one, &two] {
        run(worker).await;
        tokio::time::sleep(2 * SECOND).await;
    }
    assert_eq!(
        trace.lines(),
        ["one late 1", "two late 1", "one late 2", "two late 2"]
    );
    assert!(
        store.subscriptions().await.expect("it answers").is_empty(),
        "nothing is stored"
    );
}
