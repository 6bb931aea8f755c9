//! A steady stream, in order by key.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use eventful::{Bus, handler};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::database::{Database, Outcome, Placed};

const SECONDS: u64 = 10;
/// The events of one transaction, which have one key. Each key has one transaction a second.
const AT_ONCE: u64 = 10;

static BEGAN: OnceLock<Instant> = OnceLock::new();

/// The events of a run that were handled.
struct Handled(UnboundedSender<(u64, u64, Duration)>);

fn now() -> u64 {
    let began = BEGAN.get_or_init(Instant::now);
    u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

#[handler(Placed, id = "ordered.hear")]
async fn hear(event: &Placed, handled: &Handled) {
    let took = Duration::from_nanos(now().saturating_sub(event.at));
    // Nobody waits for the last ones.
    let _ = handled.0.send((event.key, event.at, took));
}

pub(crate) async fn run<D: Database>() -> Outcome {
    let (rate, streams) = (D::SIZES.rate, D::SIZES.streams);
    println!(
        "ordered: {rate} events/s for {SECONDS} s over {streams} connections, {AT_ONCE} of one key in a transaction; \
         from before the publish to the handler"
    );
    println!("| synchronous | handled/s | p50 ms | p99 ms | most ms | inverted |");
    println!("|---|---:|---:|---:|---:|---:|");
    for &synchronous in D::SYNCHRONOUS {
        let database = Arc::new(D::new(synchronous).await?);
        let (sender, mut handled) = unbounded_channel();
        let bus = Bus::isolated()
            .with(hear)
            .provide(Handled(sender))
            .build()?;
        let delivering = database.deliver(&bus).await?;
        let began = Instant::now();
        let publishers: Vec<_> = (0..streams)
            .map(|stream| tokio::spawn(publish(database.clone(), stream)))
            .collect();
        for publisher in publishers {
            publisher.await??;
        }
        let mut times = Vec::new();
        let mut last = HashMap::new();
        let mut inverted = 0;
        while times.len() < usize::try_from(rate * SECONDS)? {
            let (key, at, took) = handled.recv().await.ok_or("the worker has stopped")?;
            inverted += u64::from(last.insert(key, at).is_some_and(|last| last > at));
            times.push(took);
        }
        let rate = times.len() as f64 / began.elapsed().as_secs_f64();
        let [p50, p99, most] = [50, 99, 100].map(|percent| ms(percentile(&mut times, percent)));
        println!("| {synchronous} | {rate:.0} | {p50} | {p99} | {most} | {inverted} |");
        delivering.stop().await?;
        let database = Arc::into_inner(database).ok_or("the database is in use")?;
        database.remove().await?;
    }
    Ok(())
}

/// Publishes the events of each of its keys once a second.
async fn publish<D: Database>(database: Arc<D>, stream: u64) -> Outcome {
    let (rate, streams) = (D::SIZES.rate, D::SIZES.streams);
    let keys = rate / AT_ONCE;
    let pause = Duration::from_secs(1) / u32::try_from(keys / streams)?;
    let mut next = tokio::time::Instant::now();
    for _ in 0..SECONDS {
        for key in (stream..keys).step_by(usize::try_from(streams)?) {
            let at = now();
            let mut transaction = database.begin().await?;
            for number in 0..AT_ONCE {
                Placed::new(key, at + number)
                    .publish(&mut transaction)
                    .await?;
            }
            D::commit(transaction).await?;
            next += pause;
            tokio::time::sleep_until(next).await;
        }
    }
    Ok(())
}

pub(crate) fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    times[(times.len() - 1) * percent / 100]
}

pub(crate) fn ms(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1e3)
}
