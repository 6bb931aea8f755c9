//! pgmq: the functions of its SQL, which its crate installs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sqlx::PgPool;
use sqlx::types::Json;

use crate::database::{Database, Outcome, Placed, begin};
use crate::run::{Beside, Peer};

pub(crate) struct Pgmq(PgPool);

impl Peer for Pgmq {
    async fn new(database: &Database) -> Outcome<Self> {
        pgmq::install::install_sql_from_embedded(&database.pool).await?;
        sqlx::query("SELECT pgmq.create('bench')")
            .execute(&database.pool)
            .await?;
        Ok(Self(database.pool.clone()))
    }

    async fn transaction(&self, beside: Beside) -> Outcome {
        let mut transaction = begin(&self.0).await?;
        if let Beside::Push = beside {
            sqlx::query("SELECT pgmq.send('bench', $1)")
                .bind(Json(Placed::new(7)))
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn fill(&self, jobs: u64) -> Outcome {
        let jobs: Vec<_> = (0..jobs).map(|key| Json(Placed::new(key))).collect();
        sqlx::query("SELECT pgmq.send_batch('bench', $1::jsonb[])")
            .bind(jobs)
            .execute(&self.0)
            .await?;
        Ok(())
    }

    const DRAINS: &'static [&'static str] = &["read 500 and delete, one reader", "four readers"];

    async fn drain(&self, way: usize, done: Arc<AtomicU64>, jobs: u64) -> Outcome<Duration> {
        let began = Instant::now();
        let readers: Vec<_> = (0..[1, 4][way])
            .map(|_| tokio::spawn(read(self.0.clone(), done.clone())))
            .collect();
        for reader in readers {
            reader.await??;
        }
        if done.load(Ordering::Relaxed) != jobs {
            return Err("not each job was read once".into());
        }
        Ok(began.elapsed())
    }
}

async fn read(pool: PgPool, done: Arc<AtomicU64>) -> Outcome {
    loop {
        let jobs: Vec<(i64, Json<Placed>)> =
            sqlx::query_as("SELECT msg_id, message FROM pgmq.read('bench', 30, 500)")
                .fetch_all(&pool)
                .await?;
        if jobs.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = jobs.iter().map(|(id, _)| *id).collect();
        sqlx::query("SELECT pgmq.delete('bench', $1::bigint[])")
            .bind(&ids)
            .execute(&pool)
            .await?;
        done.fetch_add(ids.len() as u64, Ordering::Relaxed);
    }
}
