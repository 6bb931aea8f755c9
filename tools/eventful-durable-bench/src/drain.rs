//! A backlog, and handlers that do nothing.

use std::time::Instant;

use eventful::durable::Worker;
use eventful::{Bus, handler};

use crate::database::{Database, Outcome, Placed};

macro_rules! idle_handlers {
    ($($name:ident $id:literal),*) => {
        $(#[handler(Placed, id = $id)]
        async fn $name(_: &Placed) {})*

        pub(crate) fn buses() -> Outcome<[(usize, Bus); 2]> {
            let one = Bus::isolated().with(first).build()?;
            let all = Bus::isolated()$(.with($name))*.build()?;
            Ok([(1, one), (5, all)])
        }
    };
}

idle_handlers!(first "drain.first", second "drain.second", third "drain.third", fourth "drain.fourth", fifth "drain.fifth");

pub(crate) async fn run<D: Database>() -> Outcome {
    let events = D::SIZES.drained;
    println!("drain of {events} events, no-op handlers");
    println!("| synchronous | batch | subscriptions | s | events/s | deliveries/s |");
    println!("|---|---:|---:|---:|---:|---:|");
    for &synchronous in D::SYNCHRONOUS {
        for batch in [100, 500, 2_000] {
            for (subscriptions, bus) in buses()? {
                let database = D::new(synchronous).await?;
                // Registers the subscriptions, which else began at the end of the log.
                database.worker(&bus).await?;
                database.fill(events, 10_000).await?;
                let worker = Worker::builder(&bus, database.store().clone())
                    .batch(batch, 16 << 20)
                    .build()
                    .await?;
                let began = Instant::now();
                worker.run_until_idle().await?;
                let seconds = began.elapsed().as_secs_f64();
                database.require_handled(events).await?;
                let rate = events as f64 / seconds;
                let deliveries = rate * subscriptions as f64;
                println!(
                    "| {synchronous} | {batch} | {subscriptions} | {seconds:.2} | {rate:.0} | {deliveries:.0} |"
                );
                drop(worker);
                database.remove().await?;
            }
        }
    }
    Ok(())
}
