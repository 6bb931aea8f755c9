//! A steady stream, in order by key.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use eventful::{Bus, handler};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::file::{File, Outcome, Placed, Synchronous};

const RATE: u64 = 5_000;
const SECONDS: u64 = 10;
/// The events of one transaction, which have one key.
const AT_ONCE: u64 = 10;

static BEGAN: OnceLock<Instant> = OnceLock::new();

struct Handled(UnboundedSender<Duration>);

fn now() -> u64 {
    let began = BEGAN.get_or_init(Instant::now);
    u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

#[handler(Placed, id = "ordered.hear")]
async fn hear(event: &Placed, handled: &Handled) {
    let took = Duration::from_nanos(now().saturating_sub(event.at));
    // Nobody waits for the last ones.
    let _ = handled.0.send(took);
}

pub(crate) async fn run() -> Outcome {
    println!(
        "ordered: {RATE} events/s for {SECONDS} s, {AT_ONCE} of one key in a transaction; from before the publish to the handler"
    );
    println!("| synchronous | handled/s | p50 ms | p99 ms |");
    println!("|---|---:|---:|---:|");
    for synchronous in Synchronous::BOTH {
        let file = File::new(synchronous).await?;
        let (sender, mut handled) = unbounded_channel();
        let bus = Bus::isolated()
            .with(hear)
            .provide(Handled(sender))
            .build()?;
        let delivering = file.deliver(&bus).await?;
        let began = Instant::now();
        let pause = Duration::from_secs(1) / u32::try_from(RATE / AT_ONCE)?;
        let mut next = tokio::time::Instant::now();
        for key in 0..RATE * SECONDS / AT_ONCE {
            let at = now();
            let mut transaction = file.pool.begin_with("BEGIN IMMEDIATE").await?;
            for _ in 0..AT_ONCE {
                Placed::new(key, at).publish(&mut transaction).await?;
            }
            transaction.commit().await?;
            next += pause;
            tokio::time::sleep_until(next).await;
        }
        let mut times = Vec::new();
        while times.len() < usize::try_from(RATE * SECONDS)? {
            times.push(handled.recv().await.ok_or("the worker has stopped")?);
        }
        let rate = times.len() as f64 / began.elapsed().as_secs_f64();
        let (p50, p99) = (percentile(&mut times, 50), percentile(&mut times, 99));
        println!("| {synchronous} | {rate:.0} | {} | {} |", ms(p50), ms(p99));
        delivering.stop().await?;
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
