//! A publish in the program's transaction, over what a second insert costs.

use std::time::Instant;

use eventful::Bus;
use eventful::durable::{Subscription, Worker};

use crate::drain;
use crate::file::{File, Outcome, Placed, Synchronous};

const TRANSACTIONS: i64 = 1_000;
const ROUNDS: usize = 9;

/// The work of a transaction beside its business row.
#[derive(Clone, Copy)]
enum Beside {
    Nothing,
    Insert,
    Publish,
}

pub(crate) async fn run() -> Outcome {
    println!(
        "publish: transactions/s of one connection, medians of {ROUNDS} interleaved rounds of {TRANSACTIONS}"
    );
    println!(
        "| synchronous | subscriptions | business row | + a second insert | + publish | publish / second insert |"
    );
    println!("|---|---:|---:|---:|---:|---:|");
    for synchronous in Synchronous::BOTH {
        for subscriptions in [0, 1, 10] {
            let file = File::new(synchronous).await?;
            // The columns and indexes of the log.
            sqlx::query(
                "CREATE TABLE second (position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, name TEXT NOT NULL,
                     version INTEGER NOT NULL, key TEXT, slot INTEGER NOT NULL, payload BLOB NOT NULL,
                     occurred_at INTEGER NOT NULL, headers TEXT NOT NULL, appended_at INTEGER NOT NULL) STRICT",
            )
            .execute(&file.pool)
            .await?;
            register(&file, subscriptions).await?;
            let mut rates = [Vec::new(), Vec::new(), Vec::new()];
            for round in 0..ROUNDS {
                for (index, beside) in [Beside::Nothing, Beside::Insert, Beside::Publish]
                    .into_iter()
                    .enumerate()
                {
                    let rate = rate(&file, beside).await?;
                    // The first round warms up.
                    if round > 0 {
                        rates[index].push(rate);
                    }
                }
            }
            let [nothing, insert, publish] = rates.map(|mut rates| {
                rates.sort_unstable_by(f64::total_cmp);
                rates[rates.len() / 2]
            });
            let ratio = publish / insert;
            println!(
                "| {synchronous} | {subscriptions} | {nothing:.0} | {insert:.0} | {publish:.0} | {ratio:.2} |"
            );
        }
    }
    Ok(())
}

async fn register(file: &File, subscriptions: usize) -> Outcome {
    if subscriptions == 0 {
        return Ok(());
    }
    let [_, (_, bus)] = drain::buses()?;
    let mut all: Vec<Subscription> = eventful::durable::Program::from(&bus).subscriptions;
    let template = all[0].clone();
    all.clear();
    for number in 0..subscriptions {
        let mut subscription = template.clone();
        subscription.id = format!("publish.{number}");
        all.push(subscription);
    }
    // Building a worker registers them. It does not run.
    Worker::builder(all, file.store.clone()).build().await?;
    Ok(())
}

async fn rate(file: &File, beside: Beside) -> Outcome<f64> {
    let bus = Bus::isolated().build()?;
    let event = Placed::new(7, 0);
    let payload = format!("{{\"key\":7,\"at\":0,\"text\":\"{}\"}}", event.text);
    let began = Instant::now();
    for _ in 0..TRANSACTIONS {
        let mut transaction = file.pool.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("INSERT INTO business (text) VALUES (?)")
            .bind("an order")
            .execute(&mut *transaction)
            .await?;
        match beside {
            Beside::Nothing => {}
            Beside::Insert => {
                sqlx::query(
                    "INSERT INTO second (id, name, version, key, slot, payload, occurred_at, headers, appended_at)
                     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                )
                .bind("00000000-0000-7000-8000-000000000000")
                .bind("bench.placed")
                .bind(1_i64)
                .bind("7")
                .bind(7_i64)
                .bind(payload.as_bytes())
                .bind(0_i64)
                .bind("{\"published_at\":\"tools/eventful-durable-bench/src/publish.rs:100:19\"}")
                .bind(0_i64)
                .execute(&mut *transaction)
                .await?;
            }
            Beside::Publish => bus.scope_async(event.publish(&mut transaction)).await?,
        }
        transaction.commit().await?;
    }
    Ok(TRANSACTIONS as f64 / began.elapsed().as_secs_f64())
}
