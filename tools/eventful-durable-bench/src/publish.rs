//! A publish in the program's transaction, over what a second insert costs.

use std::sync::Arc;
use std::time::Instant;

use eventful::Bus;
use eventful::durable::{Program, Subscription, Worker};

use crate::database::{Database, Outcome, Placed};
use crate::drain;

/// The transactions of a round, over all connections.
const TRANSACTIONS: u64 = 2_000;
const ROUNDS: usize = 9;
const SUBSCRIPTIONS: [usize; 3] = [0, 1, 10];

/// The work of a transaction beside its business row.
#[derive(Clone, Copy)]
pub(crate) enum Beside {
    Nothing,
    Insert,
    Publish,
}

pub(crate) const ALL: [Beside; 3] = [Beside::Nothing, Beside::Insert, Beside::Publish];

pub(crate) async fn run<D: Database>() -> Outcome {
    println!(
        "publish: transactions/s, medians of {ROUNDS} interleaved rounds of {TRANSACTIONS} for each cell"
    );
    println!(
        "| synchronous | connections | subscriptions | business row | + a second insert | + publish | \
         publish / second insert | publish / publish without a subscription |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    for &synchronous in D::SYNCHRONOUS {
        for &connections in D::SIZES.publishers {
            let mut databases = Vec::new();
            for subscriptions in SUBSCRIPTIONS {
                let database = D::new(synchronous).await?;
                register(&database, subscriptions).await?;
                databases.push(Arc::new(database));
            }
            let mut rates: [[Vec<f64>; 3]; 3] = Default::default();
            // The first round warms up.
            for round in 0..=ROUNDS {
                for (database, rates) in databases.iter().zip(&mut rates) {
                    for (beside, rates) in ALL.into_iter().zip(rates) {
                        let rate = rate(database, beside, connections, TRANSACTIONS).await?;
                        if round > 0 {
                            rates.push(rate);
                        }
                    }
                }
            }
            let medians = rates.map(|rates| rates.map(median));
            let [_, _, first] = medians[0];
            for (subscriptions, [nothing, insert, publish]) in SUBSCRIPTIONS.iter().zip(medians) {
                println!(
                    "| {synchronous} | {connections} | {subscriptions} | {nothing:.0} | {insert:.0} | {publish:.0} | \
                     {:.2} | {:.2} |",
                    publish / insert,
                    publish / first
                );
            }
            for database in databases {
                let database = Arc::into_inner(database).ok_or("the database is in use")?;
                database.remove().await?;
            }
        }
    }
    Ok(())
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

async fn register<D: Database>(database: &D, subscriptions: usize) -> Outcome {
    if subscriptions == 0 {
        return Ok(());
    }
    let [_, (_, bus)] = drain::buses()?;
    let mut all: Vec<Subscription> = Program::from(&bus).subscriptions;
    let template = all[0].clone();
    all.clear();
    for number in 0..subscriptions {
        let mut subscription = template.clone();
        subscription.id = format!("publish.{number}");
        all.push(subscription);
    }
    // Building a worker registers them. It does not run.
    Worker::builder(all, database.store().clone())
        .build()
        .await?;
    Ok(())
}

/// Runs transactions on so many connections. Returns their number in a second.
pub(crate) async fn rate<D: Database>(
    database: &Arc<D>,
    beside: Beside,
    connections: u64,
    transactions: u64,
) -> Outcome<f64> {
    let each = transactions / connections;
    let began = Instant::now();
    let tasks: Vec<_> = (0..connections)
        .map(|_| tokio::spawn(publish(database.clone(), beside, each)))
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok((each * connections) as f64 / began.elapsed().as_secs_f64())
}

async fn publish<D: Database>(database: Arc<D>, beside: Beside, transactions: u64) -> Outcome {
    let bus = Bus::isolated().build()?;
    let event = Placed::new(7, 0);
    let payload = format!("{{\"key\":7,\"at\":0,\"text\":\"{}\"}}", event.text);
    for _ in 0..transactions {
        let mut transaction = database.begin().await?;
        D::insert_business(&mut transaction).await?;
        match beside {
            Beside::Nothing => {}
            Beside::Insert => D::insert_second(&mut transaction, &payload).await?,
            Beside::Publish => bus.scope_async(event.publish(&mut transaction)).await?,
        }
        D::commit(transaction).await?;
    }
    Ok(())
}
