//! Workers that die.

use super::support::*;
use crate::store::{Acquire, DeadFilter, Partition, Store, Token};
use crate::testing::{Fault, FaultyStore, Step};
use crate::{Handled, Memory, Process, Subscription, Worker};

/// A worker that dies after a moment, and whose leases run out.
async fn dies(worker: &Worker, after: std::time::Duration) {
    let run = worker.run_until(std::future::pending());
    assert!(
        tokio::time::timeout(after, run).await.is_err(),
        "it is killed"
    );
    tokio::time::sleep(31 * SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn what_was_running_when_a_worker_died_comes_again() {
    let (store, trace) = (Memory::new(), Trace::default());
    let lines = trace.clone();
    let program = move |hangs: bool| {
        let lines = lines.clone();
        let mail = handler("mail", &["placed"], move |event, _| {
            let lines = lines.clone();
            async move {
                if hangs && text(&event) == "2" {
                    tokio::time::sleep(HOUR).await;
                }
                lines.push(text(&event));
                Ok(Handled::default())
            }
        });
        vec![mail]
    };
    for number in 1..=3 {
        publish(&store, "placed", "", &number.to_string()).await;
    }
    let first = worker(program(true), &store).await;
    for number in 4..=6 {
        publish(&store, "placed", "", &number.to_string()).await;
    }
    publish(&store, "placed", "", "2").await;
    dies(&first, SECOND / 2).await;
    assert_eq!(
        trace.take(),
        ["4", "5", "6"],
        "the store was in use, so 1 to 3 are not heard"
    );
    let second = Worker::builder(program(false), store.clone()).observe(trace.clone());
    let second = second.build().await.expect("it builds");
    run(&second).await;
    assert_eq!(trace.take(), ["crash, 0 suspects", "4", "5", "6", "2"]);
}

/// Runs workers in processes of their own until one survives. `killer` is the payload that kills a process as soon as
/// it runs, with all that runs beside it.
async fn run_until_one_survives(store: &Memory, killer: &'static str, trace: &Trace) -> usize {
    for deaths in 0..20 {
        let process = Process::simulated();
        let (dying, dead) = tokio::sync::oneshot::channel::<()>();
        let dying = std::sync::Mutex::new(Some(dying));
        let lines = trace.clone();
        let mail = handler("mail", &["placed"], move |event, _| {
            let kills = text(&event) == killer;
            if kills {
                drop(dying.lock().expect("no panic").take());
            }
            let lines = lines.clone();
            async move {
                tokio::time::sleep(SECOND / 10).await;
                if kills {
                    std::future::pending::<()>().await;
                }
                lines.push(text(&event));
                Ok(Handled::default())
            }
        });
        let worker = Worker::builder(vec![mail], store.clone()).in_process(&process);
        let worker = worker
            .observe(trace.clone())
            .build()
            .await
            .expect("it builds");
        let survives = tokio::select! {
            biased;
            _ = dead => false,
            idle = worker.run_until_idle() => { idle.expect("a memory answers"); true }
        };
        if survives {
            return deaths;
        }
        tokio::time::sleep(31 * SECOND).await;
    }
    panic!("no worker survives: {:?}", trace.lines());
}

#[tokio::test(start_paused = true)]
async fn an_event_that_kills_its_process_three_times_alone_is_a_dead_letter_and_no_other_is() {
    let (store, trace) = (Memory::new(), Trace::default());
    let mail = tracing("mail", &["placed"], &trace);
    worker(vec![mail], &store).await;
    for number in 1..=40 {
        let payload = if number == 9 {
            "killer".to_owned()
        } else {
            number.to_string()
        };
        publish(&store, "placed", &format!("{}", number % 25), &payload).await;
    }
    let deaths = run_until_one_survives(&store, "killer", &trace).await;
    // One death unseen, one among the noted, three alone.
    assert_eq!(deaths, 5, "{:?}", trace.lines());
    let dead = store
        .dead_letters(&DeadFilter::default())
        .await
        .expect("it answers");
    let dead: Vec<_> = dead
        .iter()
        .map(|dead| (text(&dead.envelope), dead.reason.clone()))
        .collect();
    assert_eq!(
        dead,
        [("killer".to_owned(), "killed the worker 3 times".to_owned())]
    );
    for number in (1..=40).filter(|number| *number != 9) {
        let number = number.to_string();
        assert!(trace.lines().contains(&number), "{number} was handled");
    }
    let first = |payload: &str| trace.lines().iter().position(|line| line == payload);
    assert!(
        first("9").is_none() && first("34") > Some(0),
        "its key has gone on"
    );
}

#[tokio::test(start_paused = true)]
async fn a_crash_without_a_killer_is_forgotten() {
    let (store, trace) = (Memory::new(), Trace::default());
    let mail = handler("mail", &["placed"], |_, _| async {
        tokio::time::sleep(10 * SECOND).await;
        Ok(Handled::default())
    });
    let build = || {
        Worker::builder(vec![mail.clone()], store.clone())
            .observe(trace.clone())
            .build()
    };
    let first = build().await.expect("it builds");
    publish(&store, "placed", "", "1").await;
    for _ in 0..4 {
        dies(&first, SECOND / 2).await;
    }
    assert_eq!(
        trace.take(),
        [
            "crash, 0 suspects",
            "crash, 1 suspects",
            "crash, 1 suspects"
        ],
        "the third death was alone"
    );
    run(&build().await.expect("it builds")).await;
    assert_eq!(trace.take(), ["crash, 1 suspects"]);
    run(&build().await.expect("it builds")).await;
    assert_eq!(trace.take(), [""; 0], "crash mode is over");
    let dead = store
        .dead_letters(&DeadFilter::default())
        .await
        .expect("it answers");
    assert_eq!(dead.len(), 0);
}

/// A worker over this store that meets a fault in each step that fits, and dies of it.
async fn dies_at(store: &Memory, program: &[Subscription], fits: fn(Step<'_>) -> bool) {
    let faulty = FaultyStore::new(store.clone(), move |step| {
        if fits(step) {
            Fault::Hangs
        } else {
            Fault::None
        }
    });
    let worker = Worker::builder(program.to_vec(), faulty).build().await;
    dies(&worker.expect("it builds"), SECOND).await;
}

#[tokio::test(start_paused = true)]
async fn a_suspect_that_was_done_before_its_worker_died_is_none() {
    let (store, trace) = (Memory::new(), Trace::default());
    let lines = trace.clone();
    let program = vec![transactional("stock", &["placed"], move |event, _| {
        let lines = lines.clone();
        Ok(move || lines.push(text(&event)))
    })];
    worker(program.clone(), &store).await;
    publish(&store, "placed", "", "1").await;
    dies_at(&store, &program, |step| matches!(step, Step::Begin(_))).await;
    // It is noted now, and handled, but not acknowledged.
    dies_at(&store, &program, |step| {
        matches!(step, Step::Acknowledge(_))
    })
    .await;
    assert_eq!(trace.take(), ["1"]);
    let worker = Worker::builder(program, store.clone()).observe(trace.clone());
    run(&worker.build().await.expect("it builds")).await;
    assert_eq!(
        trace.take(),
        ["crash, 1 suspects"],
        "it is not handled twice"
    );
    assert_eq!(suspects(&store, "stock").await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_suspect_that_was_erased_is_none() {
    let (store, trace) = (Memory::new(), Trace::default());
    let mail = tracing("mail", &["placed"], &trace);
    let program = vec![mail];
    worker(program.clone(), &store).await;
    publish(&store, "placed", "ann", "1").await;
    dies_at(&store, &program, |step| {
        matches!(step, Step::Acknowledge(_))
    })
    .await;
    dies_at(&store, &program, |step| {
        matches!(step, Step::Acknowledge(_))
    })
    .await;
    assert_eq!(trace.take(), ["mail 1", "mail 1"]);
    let erased = store.erase("ann").await.expect("it answers");
    assert_eq!(erased, 1);
    run(&worker(program, &store).await).await;
    assert_eq!(suspects(&store, "mail").await, 0);
}

/// The notes that the last lease has left.
async fn suspects(store: &Memory, subscription: &str) -> usize {
    let acquire = Acquire {
        partition: Partition::first_of(subscription),
        token: Token::fresh(),
        worker: uuid::Uuid::new_v4(),
        ttl: SECOND,
    };
    let lease = store.acquire(&acquire).await.expect("it answers");
    lease.expect("it is free").suspects.len()
}
