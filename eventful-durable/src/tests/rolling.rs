//! Programs of several versions over one store.

use std::sync::Arc;

use super::support::*;
use crate::store::Store;
use crate::{Envelope, Memory, Subscription, Worker, WorkerBuildError};

async fn build(program: Vec<Subscription>, store: &Memory, trace: &Trace) -> Worker {
    let worker = Worker::builder(program, store.clone()).observe(trace.clone());
    worker.build().await.expect("it builds")
}

async fn publish_version(store: &Memory, version: u32, key: &str, payload: &str) {
    let envelope = Envelope {
        version,
        ..event("placed", key, payload)
    };
    store
        .append(append_of(envelope))
        .await
        .expect("a memory appends");
}

#[tokio::test(start_paused = true)]
async fn in_a_rolling_deploy_nothing_is_lost_and_nothing_is_parked_for_ever() {
    let (store, trace) = (Memory::new(), Trace::default());
    let family = |label: &'static str, names: &[(&str, u32)]| {
        let lines = trace.clone();
        let mut family = handler("family", &[], move |event, _| {
            lines.push(format!("{label} {} v{}", text(&event), event.version));
            async { Ok(crate::Handled::default()) }
        });
        family.names = super::support::names(names);
        family
    };
    let mut renamed = tracing("mail.confirm", &["placed"], &trace);
    renamed.was = vec!["mail".to_owned()];
    renamed.names = names(&[("placed", 2)]);
    let old = vec![
        family("old", &[("placed", 1)]),
        tracing("mail", &["placed"], &trace),
        tracing("gone", &["placed"], &trace),
    ];
    let new = vec![family("new", &[("placed", 2), ("paid", 1)]), renamed];

    let old = build(old, &store, &trace).await;
    publish_version(&store, 1, "ada", "1").await;
    run(&old).await;
    let mut lines = trace.take();
    lines.sort();
    assert_eq!(lines, ["gone 1", "mail 1", "old 1 v1"]);

    let new = build(new, &store, &trace).await;
    publish_version(&store, 2, "ada", "2").await;
    publish(&store, "paid", "ada", "3").await;
    // The new program is registered, but no worker of it is there: the old one parks what it does not know.
    run(&old).await;
    let lines = trace.take();
    assert!(lines.contains(&"parked placed v2".to_owned()), "{lines:?}");
    let states = store.subscriptions().await.expect("it answers");
    let parked: u64 = states
        .iter()
        .flat_map(|it| &it.partitions)
        .map(|it| it.parked)
        .sum();
    assert!(parked > 0, "{states:?}");

    // An older replica that starts again does not bring the earlier id back.
    let replica = vec![tracing("mail", &["placed"], &trace)];
    trace.take();
    build(replica, &store, &trace).await;
    assert_eq!(trace.take(), ["older mail"]);
    let (old_handle, new_handle) = (old.handle(), new.handle());
    let deploy = async {
        tokio::time::sleep(40 * SECOND).await;
        publish_version(&store, 2, "bob", "4").await;
        tokio::time::sleep(90 * SECOND).await;
        old_handle.stop(SECOND).await;
        publish(&store, "paid", "ada", "5").await;
        tokio::time::sleep(90 * SECOND).await;
        new_handle.stop(SECOND).await;
    };
    let pending = std::future::pending;
    let (one, two, ()) = tokio::join!(old.run_until(pending()), new.run_until(pending()), deploy);
    one.and(two).expect("nothing was running");
    let lines = trace.lines();
    let of = |part: &str| {
        lines
            .iter()
            .filter(|line| line.starts_with(part))
            .collect::<Vec<_>>()
    };
    let new: Vec<_> = of("new ")
        .into_iter()
        .filter(|line| !line.contains('4'))
        .collect();
    assert_eq!(
        new,
        ["new 2 v2", "new 3 v1", "new 5 v1"],
        "in order of the key"
    );
    assert_eq!(of("new 4"), ["new 4 v2"]);
    assert_eq!(
        of("mail.confirm "),
        ["mail.confirm 2", "mail.confirm 4"],
        "{lines:?}"
    );
    assert_eq!(of("unclaimed"), ["unclaimed gone"], "{lines:?}");
    // No program has it, so a person removes it.
    crate::state::remove(&store, "gone")
        .await
        .expect("there is one");
    let states = store.subscriptions().await.expect("it answers");
    let left: u64 = states
        .iter()
        .flat_map(|it| &it.partitions)
        .map(|it| it.retries)
        .sum();
    assert_eq!(left, 0, "{states:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_worker_hands_over_what_another_one_knows() {
    let (store, trace) = (Memory::new(), Trace::default());
    let program = |label: &'static str, version: u32| {
        let lines = trace.clone();
        let mut mail = handler("mail", &[], move |event, _| {
            lines.push(format!("{label} {}", text(&event)));
            async { Ok(crate::Handled::default()) }
        });
        mail.names = names(&[("placed", version)]);
        vec![mail]
    };
    let old = build(program("old", 1), &store, &trace).await;
    publish_version(&store, 1, "ada", "1").await;
    publish_version(&store, 2, "ada", "2").await;
    publish_version(&store, 1, "ada", "3").await;
    let new = build(program("new", 2), &store, &trace).await;
    let handle = new.handle();
    let deploy = async {
        // The new worker is there, but the old one has the lease.
        let both = async {
            tokio::time::sleep(SECOND / 100).await;
            old.run_until(tokio::time::sleep(20 * SECOND)).await
        };
        both.await.expect("nothing was running");
        tokio::time::sleep(10 * SECOND).await;
        handle.stop(SECOND).await;
    };
    let hold = store
        .acquire(&acquire("mail"))
        .await
        .expect("it answers")
        .expect("it is free");
    let frees = async {
        tokio::time::sleep(SECOND).await;
        store
            .release(std::slice::from_ref(&hold.held))
            .await
            .expect("it answers");
    };
    let (stopped, (), ()) = tokio::join!(new.run_until(std::future::pending()), deploy, frees);
    stopped.expect("nothing was running");
    let lines = trace.lines();
    let handled: Vec<_> = lines
        .iter()
        .filter(|line| line.ends_with(|it: char| it.is_numeric()))
        .collect();
    assert!(handled.iter().any(|line| **line == "new 2"), "{lines:?}");
    assert_eq!(trace.count("parked"), 0, "{lines:?}");
    let order: Vec<_> = handled
        .iter()
        .filter_map(|line| line.split(' ').nth(1))
        .collect();
    assert!(order.ends_with(&["2", "3"]) && order[0] == "1", "{lines:?}");
}

fn faults(error: &WorkerBuildError) -> Vec<String> {
    error.faults().map(str::to_owned).collect()
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_wrong_has_all_its_faults_at_once() {
    let trace = Trace::default();
    let mut wrong = tracing("a.wrong", &["placed"], &trace);
    wrong.lends = Some(crate::Lends {
        type_id: std::any::TypeId::of::<String>(),
        type_name: "sqlx::SqliteConnection",
    });
    let mut each = tracing("b.each", &["placed"], &trace);
    each.each_process = true;
    each.from = crate::StartsFrom::Beginning;
    let mut hasty = tracing("c.hasty", &["placed"], &trace);
    hasty.settings.retry.first = Some(2 * HOUR);
    hasty.settings.concurrency = Some(0);
    let mut was = tracing("d.was", &["placed"], &trace);
    was.was = vec!["a.wrong".to_owned()];
    let twice = [
        tracing("e.twice", &["placed"], &trace),
        tracing("e.twice", &["paid"], &trace),
    ];
    let mut program = vec![wrong, each, hasty, was];
    program.extend(twice);
    let program = crate::Program {
        subscriptions: program,
        faults: vec!["the chain of upcasts of `placed` has a gap: 1 to 3".to_owned()],
        ..crate::Program::default()
    };
    let worker = Worker::builder(program, Memory::new())
        .only("f.*")
        .except("g")
        .only("*");
    let error = worker.build().await.expect_err("it is wrong");
    let known = "the handlers are a.wrong, b.each, c.hasty, d.was, e.twice, e.twice";
    assert_eq!(
        faults(&error),
        [
            "the chain of upcasts of `placed` has a gap: 1 to 3",
            "`e.twice` is the id of 2 handlers: e.twice.rs:1, e.twice.rs:1",
            "`a.wrong` wants `&mut sqlx::SqliteConnection`, but this store lends `&mut \
             eventful_durable::memory::transaction::MemoryTransaction`",
            "`b.each` says `each = \"process\"` and `from = \"beginning\"`: it hears what is published from now on",
            "`d.was` says `was = \"a.wrong\"`, and that is the id of another handler, at a.wrong.rs:1: remove one of \
             the two",
            &format!("`only(\"f.*\")` fits no handler; {known}"),
            &format!("`except(\"g\")` fits no handler; {known}"),
            "`c.hasty`: `concurrency = 0` would never handle an event",
            "`c.hasty`: the first pause, 7200s, is longer than the longest, 3600s",
        ]
    );
    let nothing = Worker::builder(vec![tracing("a", &["b"], &trace)], Memory::new()).except("*");
    let error = nothing.build().await.expect_err("nothing is left");
    assert_eq!(
        error.to_string(),
        "the worker cannot be built: `only` and `except` leave no handler"
    );
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_asked_again() {
    use crate::testing::{Fault, FaultyStore, Step};
    let (memory, trace) = (Memory::new(), Trace::default());
    let outage = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let is_down = outage.clone();
    let store = FaultyStore::new(memory.clone(), move |_: Step| {
        if is_down.load(std::sync::atomic::Ordering::Relaxed) {
            Fault::FailsBefore
        } else {
            Fault::None
        }
    });
    let worker = Worker::builder(vec![tracing("mail", &["placed"], &trace)], store);
    let worker = worker.build().await.expect("it builds");
    let handle = worker.handle();
    let weather = async {
        publish(&memory, "placed", "", "1").await;
        tokio::time::sleep(SECOND).await;
        outage.store(true, std::sync::atomic::Ordering::Relaxed);
        publish(&memory, "placed", "", "2").await;
        tokio::time::sleep(60 * SECOND).await;
        let health = handle.health();
        assert!(health.is_live() && !health.is_ready(), "{health:?}");
        outage.store(false, std::sync::atomic::Ordering::Relaxed);
        tokio::time::sleep(60 * SECOND).await;
        assert!(handle.health().is_ready());
        handle.stop(SECOND).await;
    };
    let (stopped, ()) = tokio::join!(worker.run_until(std::future::pending()), weather);
    stopped.expect("nothing was running");
    assert_eq!(trace.lines(), ["mail 1", "mail 2"]);
}
