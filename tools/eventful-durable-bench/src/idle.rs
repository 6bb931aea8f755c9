//! One event now and then.

use std::time::{Duration, Instant};

use eventful::{Bus, handler};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::database::{Database, Outcome, Placed};
use crate::ordered::{ms, percentile};

const EVENTS: u64 = 300;
const PAUSE: Duration = Duration::from_millis(50);

struct Handled(UnboundedSender<Instant>);

#[handler(Placed, id = "idle.hear")]
async fn hear(_: &Placed, handled: &Handled) {
    // Nobody waits for the last ones.
    let _ = handled.0.send(Instant::now());
}

pub(crate) async fn run<D: Database>() -> Outcome {
    println!(
        "idle: from the commit of a publish to its handler in the same process, {EVENTS} events, one every {PAUSE:?}"
    );
    println!("| synchronous | p50 ms | p99 ms | processor time while idle |");
    println!("|---|---:|---:|---:|");
    for &synchronous in D::SYNCHRONOUS {
        let database = D::new(synchronous).await?;
        let (sender, mut handled) = unbounded_channel();
        let bus = Bus::isolated()
            .with(hear)
            .provide(Handled(sender))
            .build()?;
        let delivering = database.deliver(&bus).await?;
        let share = share_while_idle().await?;
        let mut times = Vec::new();
        for key in 0..EVENTS {
            let mut transaction = database.begin().await?;
            Placed::new(key, 0).publish(&mut transaction).await?;
            D::commit(transaction).await?;
            let committed = Instant::now();
            let at = handled.recv().await.ok_or("the worker has stopped")?;
            times.push(at.saturating_duration_since(committed));
            tokio::time::sleep(PAUSE).await;
        }
        let (p50, p99) = (percentile(&mut times, 50), percentile(&mut times, 99));
        println!(
            "| {synchronous} | {} | {} | {share:.1} % |",
            ms(p50),
            ms(p99)
        );
        delivering.stop().await?;
        database.remove().await?;
    }
    Ok(())
}

/// The processor time of this process while nothing happens, in percent of one core.
pub(crate) async fn share_while_idle() -> Outcome<f64> {
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = processor_time()?;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let took = processor_time()?.saturating_sub(before);
    Ok(took.as_secs_f64() / 4.0 * 100.0)
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
