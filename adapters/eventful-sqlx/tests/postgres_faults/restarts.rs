//! Crashes of the server, and connections that it ends, while publishers and a worker run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sqlx::{ConnectOptions as _, Connection as _};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::fault::Fault;
use crate::fault_time;
use crate::server::{Cluster, TestDatabase};
use crate::shop::Shop;
use crate::verdict::Verdict;

/// Publishers that go on whatever happens, each with keys of its own.
struct Publishers {
    tasks: JoinSet<()>,
    is_over: Arc<AtomicBool>,
}

impl Publishers {
    fn start(shop: &Arc<Shop>) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for publisher in 0..3 {
            let (shop, is_over) = (shop.clone(), is_over.clone());
            tasks.spawn(async move {
                for key in (1..=5).cycle() {
                    if is_over.load(Ordering::Relaxed) {
                        return;
                    }
                    // What was not committed is not in the table of the business.
                    if shop.publish(publisher * 5 + key).await.is_err() {
                        sleep(Duration::from_millis(10)).await;
                    }
                    sleep(Duration::from_millis(2)).await;
                }
            });
        }
        Self { tasks, is_over }
    }

    async fn stop(mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        while let Some(ended) = self.tasks.join_next().await {
            ended.expect("a publisher does not panic");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_crashes_loses_nothing() {
    let Some(mut cluster) = Cluster::create(&[]).await else {
        return;
    };
    let shop = Arc::new(Shop::open(cluster.options()).await);
    let worker = shop.worker().await;
    let publishers = Publishers::start(&shop);
    let began = Instant::now();
    while began.elapsed() < fault_time(Duration::from_secs(4)) {
        sleep(Duration::from_millis(700)).await;
        cluster.restart_immediate().await;
    }
    publishers.stop().await;
    shop.wait_until_handled().await;
    let (plain, effects) = (shop.plain().await, shop.effects().await);
    println!("{} committed", shop.committed().await.len());
    println!("plain: {plain}\neffects: {effects}");
    plain.assert_at_least_once();
    effects.assert_exactly_once();
    worker.stop().await;
}

/// Ends every connection to the database, again and again.
async fn ends_connections(fault: Fault) -> Option<(Verdict, Verdict)> {
    let database = TestDatabase::create().await?;
    let options = database.options();
    let name = options.get_database().expect("it has a name").to_owned();
    let shop = Arc::new(Shop::open(options.clone()).await);
    fault.make(&shop.pool).await;
    let worker = shop.worker().await;
    let publishers = Publishers::start(&shop);
    let mut beside = options.database("postgres").connect().await;
    let beside = beside.as_mut().expect("there is a server");
    let began = Instant::now();
    let mut ended = 0;
    for pause in (10..100).step_by(7).cycle() {
        if began.elapsed() >= fault_time(Duration::from_secs(4)) {
            break;
        }
        sleep(Duration::from_millis(pause)).await;
        let end =
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1";
        let count: i64 = sqlx::query_scalar(end)
            .bind(&name)
            .fetch_one(&mut *beside)
            .await
            .expect("a superuser ends connections");
        ended += count;
    }
    beside.ping().await.expect("this one was not ended");
    publishers.stop().await;
    shop.wait_until_handled().await;
    let verdicts = (shop.plain().await, shop.effects().await);
    println!(
        "{} committed, {ended} connections ended",
        shop.committed().await.len()
    );
    println!("plain: {}\neffects: {}", verdicts.0, verdicts.1);
    worker.stop().await;
    Some(verdicts)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_ended_lose_nothing() {
    let Some((plain, effects)) = ends_connections(Fault::None).await else {
        return;
    };
    plain.assert_at_least_once();
    effects.assert_exactly_once();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn effects_are_repeated_without_done_rows() {
    for _ in 0..4 {
        let Some((_, effects)) = ends_connections(Fault::NoDoneRows).await else {
            return;
        };
        if !effects.repeated.is_empty() {
            return;
        }
    }
    panic!("it is not found");
}
