//! graphile_worker, with the settings of its own benchmark.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use graphile_worker::{
    IntoTaskHandlerResult, JobSpec, LocalQueueConfig, TaskHandler, WorkerContext, WorkerOptions,
    WorkerUtils,
};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use crate::database::{Database, Outcome, Placed, begin};
use crate::run::{Beside, Peer, until_done};

const SCHEMA: &str = "graphile_worker";

#[derive(Clone, Serialize, Deserialize)]
struct Job(Placed);

#[derive(Clone, Debug)]
struct Done(Arc<AtomicU64>);

impl TaskHandler for Job {
    const IDENTIFIER: &'static str = "bench";

    async fn run(self, context: WorkerContext) -> impl IntoTaskHandlerResult {
        if let Some(done) = context.get_ext::<Done>() {
            done.0.fetch_add(1, Ordering::Relaxed);
        }
        Ok::<(), String>(())
    }
}

pub(crate) struct Graphile {
    pool: PgPool,
    /// The pool of its benchmark has 100 connections, and the server has no more for all.
    workers: PgPool,
    utils: WorkerUtils,
}

impl Peer for Graphile {
    async fn new(database: &Database) -> Outcome<Self> {
        let workers = PgPoolOptions::new()
            .max_connections(40)
            .connect(&database.url)
            .await?;
        let utils = WorkerUtils::new(workers.clone(), SCHEMA);
        utils.migrate().await?;
        Ok(Self {
            pool: database.pool.clone(),
            workers,
            utils,
        })
    }

    async fn transaction(&self, beside: Beside) -> Outcome {
        let mut transaction = begin(&self.pool).await?;
        if let Beside::Push = beside {
            let mut utils = self.utils.clone().with_executor(&mut transaction);
            utils
                .add_job(Job(Placed::new(7)), JobSpec::default())
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn fill(&self, jobs: u64) -> Outcome {
        let spec = JobSpec::default();
        let jobs: Vec<_> = (0..jobs)
            .map(|key| (Job(Placed::new(key)), &spec))
            .collect();
        self.utils.add_jobs(&jobs).await?;
        Ok(())
    }

    const DRAINS: &'static [&'static str] = &["with its local queue", "without"];

    async fn drain(&self, way: usize, done: Arc<AtomicU64>, jobs: u64) -> Outcome<Duration> {
        let mut options = WorkerOptions::default()
            .database(self.workers.clone())
            .schema(SCHEMA)
            .concurrency(500)
            .poll_interval(Duration::from_millis(5))
            .complete_job_batch_delay(Duration::from_millis(5))
            .add_extension(Done(done.clone()))
            .define_job::<Job>();
        if way == 0 {
            options = options.local_queue(LocalQueueConfig::default().with_size(5000));
        }
        let worker = Arc::new(options.init().await?);
        let running = tokio::spawn({
            let worker = worker.clone();
            async move { worker.run().await }
        });
        let began = Instant::now();
        until_done(&done, jobs).await?;
        let took = began.elapsed();
        worker.request_shutdown();
        running.await??;
        Ok(took)
    }
}
