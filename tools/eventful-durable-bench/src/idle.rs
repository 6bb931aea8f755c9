//! One event now and then.

use std::time::{Duration, Instant};

use eventful::{Bus, handler};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::file::{File, Outcome, Placed, Synchronous};
use crate::ordered::{ms, percentile};

const EVENTS: u64 = 300;

struct Handled(UnboundedSender<Instant>);

#[handler(Placed, id = "idle.hear")]
async fn hear(_: &Placed, handled: &Handled) {
    // Nobody waits for the last ones.
    let _ = handled.0.send(Instant::now());
}

pub(crate) async fn run() -> Outcome {
    println!(
        "idle: from the commit of a publish to its handler, one event every 50 ms, {EVENTS} events"
    );
    println!("| synchronous | p50 ms | p99 ms | processor time while idle |");
    println!("|---|---:|---:|---:|");
    for synchronous in Synchronous::BOTH {
        let file = File::new(synchronous).await?;
        let (sender, mut handled) = unbounded_channel();
        let bus = Bus::isolated()
            .with(hear)
            .provide(Handled(sender))
            .build()?;
        let delivering = file.deliver(&bus).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let before = processor_time()?;
        tokio::time::sleep(Duration::from_secs(4)).await;
        let share = processor_time()?.saturating_sub(before).as_secs_f64() / 4.0;
        let mut times = Vec::new();
        for key in 0..EVENTS {
            let mut transaction = file.pool.begin_with("BEGIN IMMEDIATE").await?;
            Placed::new(key, 0).publish(&mut transaction).await?;
            transaction.commit().await?;
            let committed = Instant::now();
            let at = handled.recv().await.ok_or("the worker has stopped")?;
            times.push(at.saturating_duration_since(committed));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let (p50, p99) = (percentile(&mut times, 50), percentile(&mut times, 99));
        println!(
            "| {synchronous} | {} | {} | {:.1} % |",
            ms(p50),
            ms(p99),
            share * 100.0
        );
        delivering.stop().await?;
    }
    Ok(())
}

/// The processor time of this process.
fn processor_time() -> Outcome<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat
        .rsplit_once(") ")
        .ok_or("/proc/self/stat has no name")?;
    let mut fields = fields.split(' ').skip(11);
    let mut ticks =
        || -> Outcome<u64> { Ok(fields.next().ok_or("/proc/self/stat is short")?.parse()?) };
    let (user, system) = (ticks()?, ticks()?);
    // USER_HZ is 100 on every Linux.
    Ok(Duration::from_millis((user + system) * 10))
}
