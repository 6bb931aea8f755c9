//! apalis-postgres.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use apalis::layers::WorkerBuilderExt as _;
use apalis::prelude::{BoxDynError, Data, TaskBuilder, WorkerBuilder};
use apalis_postgres::{Config, PgTask, PostgresStorage, queries};
use sqlx::PgPool;

use crate::database::{Database, Outcome, Placed, begin};
use crate::run::{Beside, Peer, until_done};

const QUEUE: &str = "bench";

pub(crate) struct Apalis(PgPool);

fn task(key: u64) -> Outcome<PgTask> {
    Ok(TaskBuilder::new(serde_json::to_vec(&Placed::new(key))?).build())
}

impl Peer for Apalis {
    async fn new(database: &Database) -> Outcome<Self> {
        PostgresStorage::setup(&database.pool).await?;
        Ok(Self(database.pool.clone()))
    }

    async fn transaction(&self, beside: Beside) -> Outcome {
        let mut transaction = begin(&self.0).await?;
        if let Beside::Push = beside {
            queries::push_tasks(&mut *transaction, QUEUE, vec![task(7)?]).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn fill(&self, jobs: u64) -> Outcome {
        let tasks = (0..jobs).map(task).collect::<Outcome<Vec<_>>>()?;
        let mut transaction = self.0.begin().await?;
        queries::push_tasks(&mut *transaction, QUEUE, tasks).await?;
        Ok(transaction.commit().await?)
    }

    const DRAINS: &'static [&'static str] = &["batches of 500, 16 jobs at once"];

    async fn drain(&self, _: usize, done: Arc<AtomicU64>, jobs: u64) -> Outcome<Duration> {
        let config = Config::default().queue(QUEUE).batch_size(500);
        let backend = PostgresStorage::<Placed>::new(&self.0).with_config(config);
        let began = Instant::now();
        let all = {
            let done = done.clone();
            async move { until_done(&done, jobs).await.map_err(std::io::Error::other) }
        };
        let worker = WorkerBuilder::new("bench")
            .backend(backend)
            .data(done)
            .concurrency(16)
            .build(count);
        worker.run_until(all).await?;
        Ok(began.elapsed())
    }
}

async fn count(_: Placed, done: Data<Arc<AtomicU64>>) -> Result<(), BoxDynError> {
    done.fetch_add(1, Ordering::Relaxed);
    Ok(())
}
