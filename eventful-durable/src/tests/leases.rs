//! Leases that a worker loses while it has something to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::support::*;
use crate::store::{DeadFilter, Store};
use crate::testing::{Expect, Fault, FaultyStore, Step};
use crate::{Handle, Handled, Memory, Subscription, WhenLate, Worker};

/// Runs a worker, while another one takes its lease in the middle of the first handler, and gives it back.
async fn run_robbed(subscription: Subscription, store: &Memory, trace: &Trace) {
    let worker = Worker::builder(vec![subscription], store.clone()).observe(trace.clone());
    let worker = worker.build().await.expect("it builds");
    let handle = worker.handle();
    let robber = async {
        publish(store, "placed", "ada", "1").await;
        tokio::time::sleep(SECOND).await;
        store.move_clock(31 * SECOND);
        let lease = store.acquire(&acquire("mail")).await.expect("it answers");
        let lease = lease.expect("it has run out");
        tokio::time::sleep(9 * SECOND).await;
        assert_untouched(store).await;
        assert_eq!(trace.take(), ["begins", "lost mail"]);
        store.release(&[lease.held]).await.expect("it answers");
        tokio::time::sleep(9 * SECOND).await;
        handle.stop(SECOND).await;
    };
    let (stopped, ()) = tokio::join!(worker.run_until(std::future::pending()), robber);
    stopped.expect("nothing was running");
}

/// Asserts that nothing is written of the only event.
async fn assert_untouched(store: &Memory) {
    let state = &store.subscriptions().await.expect("it answers")[0];
    let partition = &state.partitions[0];
    assert_eq!(partition.cursor, crate::store::Place::BEGINNING);
    assert_eq!(
        (partition.retries, partition.handled, state.dead),
        (0, 0, 0)
    );
    Expect::of(store).published("billed", 0).await;
}

/// A handler of three seconds that ends in a way of its own when it runs for the first time.
fn first_time(trace: &Trace, first: fn() -> Answer) -> Subscription {
    let lines = trace.clone();
    let is_again = AtomicBool::new(false);
    handler("mail", &["placed"], move |_, attempt| {
        assert_eq!(attempt.number, 1, "no attempt is counted");
        let is_again = is_again.swap(true, Ordering::Relaxed);
        let lines = lines.clone();
        async move {
            lines.push("begins");
            tokio::time::sleep(3 * SECOND).await;
            if is_again { done() } else { first() }
        }
    })
}

#[tokio::test(start_paused = true)]
async fn what_an_event_became_is_not_written_under_a_lease_that_is_lost() {
    let billed = || {
        let returned = vec![event("billed", "", "1")];
        Ok(Handled { returned })
    };
    for first in [billed, || fails("no"), || gives_up("never")] {
        let (store, trace) = (Memory::new(), Trace::default());
        run_robbed(first_time(&trace, first), &store, &trace).await;
        assert_eq!(trace.lines().last().map(String::as_str), Some("begins"));
        let state = &store.subscriptions().await.expect("it answers")[0];
        assert_eq!(state.partitions[0].handled, 1, "it was handled again");
        let dead = store.dead_letters(&DeadFilter::default()).await;
        assert_eq!(dead.expect("it answers").len(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn an_effect_is_not_committed_under_a_lease_that_is_lost() {
    let (store, trace) = (Memory::new(), Trace::default());
    let lines = trace.clone();
    let nothing = |_: Arc<crate::Envelope>, _| Ok(|| {});
    let mut mail = transactional("mail", &["placed"], nothing);
    mail.handler = Arc::new(SlowEffect(lines));
    mail.settings.timeout = Some(10 * SECOND);
    run_robbed(mail, &store, &trace).await;
    let lines = trace.take();
    let lines: Vec<_> = lines
        .iter()
        .filter(|it| *it != "slow transaction")
        .collect();
    assert_eq!(lines, ["begins", "effect"], "once, and the second time");
}

/// A transactional handler of three seconds.
struct SlowEffect(Trace);

impl Handle for SlowEffect {
    fn handle<'a>(
        &'a self,
        _: Arc<crate::Envelope>,
        _: crate::Attempt,
        lent: Option<&'a mut (dyn std::any::Any + Send)>,
    ) -> crate::BoxFuture<'a, Answer> {
        let trace = self.0.clone();
        let lent = lent.expect("a transaction is lent");
        let transaction: &mut crate::MemoryTransaction = lent.downcast_mut().expect("a memory's");
        Box::pin(async move {
            trace.push("begins");
            tokio::time::sleep(3 * SECOND).await;
            transaction.on_commit(move || trace.push("effect"));
            done()
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_finds_the_lease_lost_ends_the_handler() {
    let (store, trace) = (Memory::new(), Trace::default());
    let lines = trace.clone();
    let is_again = AtomicBool::new(false);
    let mail = handler("mail", &["placed"], move |_, _| {
        let is_again = is_again.swap(true, Ordering::Relaxed);
        let lines = lines.clone();
        async move {
            lines.push("begins");
            if !is_again {
                std::future::pending::<()>().await;
            }
            lines.push("ends");
            done()
        }
    });
    let worker = Worker::builder(vec![mail], store.clone()).observe(trace.clone());
    let worker = worker.build().await.expect("it builds");
    let handle = worker.handle();
    let robber = async {
        publish(&store, "placed", "ada", "1").await;
        // The batch has let go of the event, so there is nothing to acknowledge.
        tokio::time::sleep(5 * SECOND).await;
        store.move_clock(31 * SECOND);
        let lease = store.acquire(&acquire("mail")).await.expect("it answers");
        let lease = lease.expect("it has run out");
        tokio::time::sleep(4 * SECOND).await;
        assert_eq!(trace.take(), ["begins"], "before it renews");
        tokio::time::sleep(3 * SECOND).await;
        assert_eq!(trace.take(), ["lost mail"]);
        store.release(&[lease.held]).await.expect("it answers");
        tokio::time::sleep(5 * SECOND).await;
        assert_eq!(trace.take(), ["begins", "ends"]);
        handle.stop(SECOND).await;
    };
    let (stopped, ()) = tokio::join!(worker.run_until(std::future::pending()), robber);
    stopped.expect("nothing was running");
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_cannot_renew_starts_nothing_after_its_own_deadline() {
    let (memory, trace) = (Memory::new(), Trace::default());
    let is_cut = Arc::new(AtomicBool::new(false));
    let cut = is_cut.clone();
    let store = FaultyStore::new(memory.clone(), move |step| match step {
        Step::Renew(_) | Step::Acquire(_) if cut.load(Ordering::Relaxed) => Fault::FailsBefore,
        _ => Fault::None,
    });
    let mail = tracing("mail", &["placed"], &trace);
    let worker = Worker::builder(vec![mail], store).observe(trace.clone());
    let worker = worker.build().await.expect("it builds");
    let handle = worker.handle();
    let began = tokio::time::Instant::now();
    let network = async {
        tokio::time::sleep(SECOND / 2).await;
        is_cut.store(true, Ordering::Relaxed);
        for second in [10, 20, 29, 31, 40] {
            tokio::time::sleep_until(began + second * SECOND).await;
            let payload = second.to_string();
            publish(&memory, "placed", &payload, &payload).await;
        }
        tokio::time::sleep(10 * SECOND).await;
        let lines = trace.take();
        let of = |part: &str| lines.iter().filter(|line| line.starts_with(part)).count();
        let handled: Vec<_> = lines.iter().filter(|it| it.starts_with("mail")).collect();
        assert_eq!(handled, ["mail 10", "mail 20", "mail 29"], "{lines:?}");
        assert_eq!(of("lost mail"), 1, "{lines:?}");
        assert!(of("failed to renew the leases") > 1, "{lines:?}");
        assert!(of("failed to take a lease") > 1, "{lines:?}");
        is_cut.store(false, Ordering::Relaxed);
        tokio::time::sleep(10 * SECOND).await;
        assert_eq!(trace.lines(), ["mail 31", "mail 40"]);
        handle.stop(SECOND).await;
    };
    let (stopped, ()) = tokio::join!(worker.run_until(std::future::pending()), network);
    stopped.expect("nothing was running");
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_takes_longer_than_a_lease_ends_under_it() {
    let (store, trace) = (Memory::new(), Trace::default());
    let lines = trace.clone();
    let mut mail = handler("mail", &["placed"], move |_, _| {
        let lines = lines.clone();
        async move {
            lines.push("begins");
            tokio::time::sleep(100 * SECOND).await;
            lines.push("ends");
            done()
        }
    });
    mail.settings.timeout = Some(HOUR);
    let worker = Worker::builder(vec![mail], store.clone()).observe(trace.clone());
    let worker = worker.build().await.expect("it builds");
    publish(&store, "placed", "", "1").await;
    let stopped = worker.run_until(tokio::time::sleep(150 * SECOND));
    stopped.await.expect("nothing was running");
    assert_eq!(trace.lines(), ["begins", "ends"]);
    Expect::of(&store).retries("mail", 0).await;
}

/// A handler by which its first runner panics.
struct PanicsOnce(AtomicBool, Trace);

impl Handle for PanicsOnce {
    fn handle<'a>(
        &'a self,
        event: Arc<crate::Envelope>,
        _: crate::Attempt,
        _: Option<&'a mut (dyn std::any::Any + Send)>,
    ) -> crate::BoxFuture<'a, Answer> {
        self.1.push(text(&event));
        Box::pin(std::future::ready(done()))
    }

    fn when_late(&self) -> WhenLate {
        assert!(self.0.swap(true, Ordering::Relaxed), "a bug of the handler");
        WhenLate::Drop
    }
}

#[tokio::test(start_paused = true)]
async fn a_runner_that_panics_lets_its_lease_run_out() {
    let (store, trace) = (Memory::new(), Trace::default());
    let mut mail = tracing("mail", &["placed"], &trace);
    mail.handler = Arc::new(PanicsOnce(AtomicBool::new(false), trace.clone()));
    let worker = Worker::builder(vec![mail], store.clone()).observe(trace.clone());
    let worker = worker.build().await.expect("it builds");
    let handle = worker.handle();
    let person = async {
        publish(&store, "placed", "", "1").await;
        tokio::time::sleep(SECOND).await;
        // The runner ends, and asks its handler what to do about those that are late.
        crate::state::pause(&store, "mail")
            .await
            .expect("there is one");
        tokio::time::sleep(2 * SECOND).await;
        crate::state::resume(&store, "mail")
            .await
            .expect("there is one");
        publish(&store, "placed", "", "2").await;
        tokio::time::sleep(20 * SECOND).await;
        assert_eq!(trace.lines(), ["1"], "its lease holds");
        tokio::time::sleep(20 * SECOND).await;
        assert_eq!(trace.lines(), ["1", "crash, 0 suspects", "2"]);
        handle.stop(SECOND).await;
    };
    let (stopped, ()) = tokio::join!(worker.run_until(std::future::pending()), person);
    stopped.expect("nothing was running");
}
