//! The same work on apalis-sqlite, which has a row for each job.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use apalis::layers::WorkerBuilderExt as _;
use apalis::prelude::{BoxDynError, Data, TaskBuilder, WorkerBuilder};
use apalis_sqlite::{Config, SqliteStorage, SqliteTask, queries};
use sqlx::SqlitePool;

use crate::database::{Database as _, Outcome, Placed};
use crate::file::File;

const QUEUE: &str = "bench";
const JOBS: u64 = 20_000;
const TRANSACTIONS: u32 = 1_000;

pub(crate) async fn run() -> Outcome {
    println!(
        "apalis-sqlite: {JOBS} no-op jobs, at most 16 at once; a push in the transaction over the business row alone"
    );
    println!("| synchronous | jobs/s | business row | + push | push / business row |");
    println!("|---|---:|---:|---:|---:|");
    for &synchronous in File::SYNCHRONOUS {
        let file = File::new(synchronous).await?;
        SqliteStorage::migrations().run(&file.pool).await?;
        let nothing = rate(&file.pool, 0).await?;
        let push = rate(&file.pool, 1).await?;
        let drained = drain(&file.pool).await?;
        let ratio = push / nothing;
        println!("| {synchronous} | {drained:.0} | {nothing:.0} | {push:.0} | {ratio:.2} |");
    }
    Ok(())
}

fn task(key: u64) -> Outcome<SqliteTask> {
    Ok(TaskBuilder::new(serde_json::to_vec(&Placed::new(key, 0))?).build())
}

/// Transactions a second, with a business row and some jobs each.
async fn rate(pool: &SqlitePool, jobs: u64) -> Outcome<f64> {
    let began = Instant::now();
    for _ in 0..TRANSACTIONS {
        let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("INSERT INTO business (text) VALUES (?)")
            .bind("an order")
            .execute(&mut *transaction)
            .await?;
        for key in 0..jobs {
            queries::push_tasks(&mut *transaction, QUEUE, &[task(key)?]).await?;
        }
        transaction.commit().await?;
    }
    Ok(f64::from(TRANSACTIONS) / began.elapsed().as_secs_f64())
}

async fn drain(pool: &SqlitePool) -> Outcome<f64> {
    sqlx::query("DELETE FROM Jobs").execute(pool).await?;
    let tasks = (0..JOBS).map(task).collect::<Outcome<Vec<_>>>()?;
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    queries::push_tasks(&mut *transaction, QUEUE, &tasks).await?;
    transaction.commit().await?;
    let done = Arc::new(AtomicU64::new(0));
    let config = Config::default().queue(QUEUE).batch_size(500);
    let backend = SqliteStorage::<Placed>::new(pool).with_config(config);
    let began = Instant::now();
    let all = {
        let done = done.clone();
        async move {
            while done.load(Ordering::Relaxed) < JOBS {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Ok::<(), std::io::Error>(())
        }
    };
    let worker = WorkerBuilder::new("bench")
        .backend(backend)
        .data(done)
        .concurrency(16)
        .build(count);
    worker.run_until(all).await?;
    Ok(JOBS as f64 / began.elapsed().as_secs_f64())
}

async fn count(_: Placed, done: Data<Arc<AtomicU64>>) -> Result<(), BoxDynError> {
    done.fetch_add(1, Ordering::Relaxed);
    Ok(())
}
