//! The same figures of each peer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::database::{Database, Outcome};

const CONNECTIONS: [u64; 3] = [1, 8, 32];
const ROUNDS: usize = 7;
const PAUSE: Duration = Duration::from_millis(5);
const JOBS: u64 = 60_000;
/// The transactions of a round, over all connections.
const TRANSACTIONS: u64 = 1_000;

/// The work of a transaction beside its business row.
#[derive(Clone, Copy)]
pub(crate) enum Beside {
    Nothing,
    Push,
}

/// A library with jobs in PostgreSQL.
pub(crate) trait Peer: Send + Sync + Sized + 'static {
    /// Creates its tables.
    fn new(database: &Database) -> impl Future<Output = Outcome<Self>>;

    /// Runs one transaction of the program.
    fn transaction(&self, beside: Beside) -> impl Future<Output = Outcome> + Send;

    /// Pushes jobs as fast as it can.
    fn fill(&self, jobs: u64) -> impl Future<Output = Outcome> + Send;

    /// The ways to drain it.
    const DRAINS: &'static [&'static str];

    /// Runs jobs that do nothing but count until all are done. Returns the time.
    fn drain(
        &self,
        way: usize,
        done: Arc<AtomicU64>,
        jobs: u64,
    ) -> impl Future<Output = Outcome<Duration>> + Send;
}

pub(crate) async fn figures<P: Peer>(name: &str) -> Outcome {
    println!("{name}: a push in the program's transaction, medians of {ROUNDS} interleaved rounds");
    println!("| connections | business row | + push | push / business row |");
    println!("|---:|---:|---:|---:|");
    let database = Database::new(name).await?;
    let peer = Arc::new(P::new(&database).await?);
    for connections in CONNECTIONS {
        let mut rates = [Vec::new(), Vec::new()];
        for round in 0..=ROUNDS {
            for (index, beside) in [Beside::Nothing, Beside::Push].into_iter().enumerate() {
                let rate = rate(&peer, beside, connections).await?;
                // The first round warms up.
                if round > 0 {
                    rates[index].push(rate);
                }
            }
        }
        let [nothing, push] = rates.map(|mut rates| {
            rates.sort_unstable_by(f64::total_cmp);
            rates[rates.len() / 2]
        });
        println!(
            "| {connections} | {nothing:.0} | {push:.0} | {:.2} |",
            push / nothing
        );
    }
    drop(peer);
    database.drop().await?;
    println!("{name}: {JOBS} jobs of 200 bytes that do nothing, medians of three");
    println!("| | s | jobs/s |");
    println!("|---|---:|---:|");
    for (way, title) in P::DRAINS.iter().enumerate() {
        let mut times = Vec::new();
        for _ in 0..3 {
            let database = Database::new(name).await?;
            let peer = P::new(&database).await?;
            peer.fill(JOBS).await?;
            times.push(peer.drain(way, Arc::default(), JOBS).await?.as_secs_f64());
            drop(peer);
            database.drop().await?;
        }
        times.sort_unstable_by(f64::total_cmp);
        println!(
            "| {title} | {:.2} | {:.0} |",
            times[1],
            JOBS as f64 / times[1]
        );
    }
    Ok(())
}

/// Transactions a second.
async fn rate<P: Peer>(peer: &Arc<P>, beside: Beside, connections: u64) -> Outcome<f64> {
    let each = TRANSACTIONS / connections;
    let began = Instant::now();
    let tasks: Vec<_> = (0..connections)
        .map(|_| {
            let peer = peer.clone();
            tokio::spawn(async move {
                for _ in 0..each {
                    peer.transaction(beside).await?;
                }
                Outcome::Ok(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok((connections * each) as f64 / began.elapsed().as_secs_f64())
}

/// Waits until that many jobs are done. Fails if none is done for a while.
pub(crate) async fn until_done(done: &AtomicU64, jobs: u64) -> Outcome {
    let (mut last, mut since) = (0, Instant::now());
    loop {
        let now = done.load(Ordering::Relaxed);
        if now >= jobs {
            return Ok(());
        }
        if now > last {
            (last, since) = (now, Instant::now());
        } else if since.elapsed() > Duration::from_secs(60) {
            return Err(format!("it has stopped at {now} of {jobs} jobs").into());
        }
        tokio::time::sleep(PAUSE).await;
    }
}
