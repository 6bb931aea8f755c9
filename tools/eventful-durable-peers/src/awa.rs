//! awa, over a sqlx of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use awa::{Client, InsertOpts, JobArgs, JobResult, QueueConfig};
use serde::{Deserialize, Serialize};
use sqlx_of_awa::PgPool;
use sqlx_of_awa::postgres::PgPoolOptions;

use crate::database::{BUSINESS, Database, Outcome, Placed};
use crate::run::{Beside, Peer, until_done};

const QUEUE: &str = "bench";

#[derive(Serialize, Deserialize, JobArgs)]
struct Job {
    placed: Placed,
}

pub(crate) struct Awa(PgPool);

impl Peer for Awa {
    async fn new(database: &Database) -> Outcome<Self> {
        let pool = PgPoolOptions::new()
            .max_connections(40)
            .connect(&database.url)
            .await?;
        awa::migrations::run(&pool).await?;
        Ok(Self(pool))
    }

    async fn transaction(&self, beside: Beside) -> Outcome {
        let mut transaction = self.0.begin().await?;
        sqlx_of_awa::query(BUSINESS)
            .bind("an order")
            .execute(&mut *transaction)
            .await?;
        if let Beside::Push = beside {
            awa::insert_with(
                &mut *transaction,
                &Job {
                    placed: Placed::new(7),
                },
                options(),
            )
            .await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn fill(&self, jobs: u64) -> Outcome {
        // What the publishes have left is run first.
        let jobs = (0..jobs)
            .map(|key| {
                awa::model::insert::params_with(
                    &Job {
                        placed: Placed::new(key),
                    },
                    options(),
                )
            })
            .collect::<Result<Vec<_>, _>>()?;
        awa::insert_many_copy_from_pool(&self.0, &jobs).await?;
        Ok(())
    }

    const DRAINS: &'static [&'static str] = &["100 workers", "100 workers, four claimers"];

    async fn drain(&self, way: usize, done: Arc<AtomicU64>, jobs: u64) -> Outcome<Duration> {
        let counted = done.clone();
        let config = QueueConfig {
            max_workers: 100,
            claimers: [1, 4][way],
            poll_interval: Duration::from_millis(50),
            ..QueueConfig::default()
        };
        let client = Client::builder(self.0.clone())
            .queue(QUEUE, config)
            .register::<Job, _, _>(move |_, _| {
                counted.fetch_add(1, Ordering::Relaxed);
                async { Ok(JobResult::Completed) }
            })
            .build()?;
        let began = Instant::now();
        client.start().await?;
        until_done(&done, jobs).await?;
        let took = began.elapsed();
        client.shutdown(Duration::from_secs(10)).await;
        Ok(took)
    }
}

fn options() -> InsertOpts {
    InsertOpts {
        queue: QUEUE.into(),
        ..InsertOpts::default()
    }
}
