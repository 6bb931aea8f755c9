//! The time in which nobody handles events after the worker was killed that did.

use std::time::{Duration, Instant};

use eventful::durable::Worker;
use eventful::{Bus, handler};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::child::{Role, start};
use crate::database::{Database, Outcome, Placed};
use crate::ordered::percentile;
use crate::server::Server;

/// Leases in seconds, and how often a worker is killed with each.
const LEASES: [(u64, usize); 2] = [(3, 10), (30, 3)];

struct Handled(UnboundedSender<u64>);

#[handler(Placed, id = "takeover.hear")]
async fn hear(event: &Placed, handled: &Handled) {
    // Nobody waits for the last ones.
    let _ = handled.0.send(event.key);
}

pub(crate) async fn run() -> Outcome {
    println!(
        "takeover: from the kill -9 of the worker to the first event that another one handles, idle until then"
    );
    println!("| lease s | kills | least s | median s | most s |");
    println!("|---:|---:|---:|---:|---:|");
    for (seconds, kills) in LEASES {
        let lease = Duration::from_secs(seconds);
        let mut times = Vec::new();
        for number in 0..kills {
            // It is killed at any time between two renewals, which are a third of the lease apart.
            let after = lease.mul_f64(1.0 + number as f64 / kills as f64 / 3.0);
            times.push(kill(lease, after).await?);
        }
        let [shortest, median, longest] =
            [0, 50, 100].map(|percent| percentile(&mut times, percent).as_secs_f64());
        println!("| {seconds} | {kills} | {shortest:.2} | {median:.2} | {longest:.2} |");
    }
    Ok(())
}

async fn kill(lease: Duration, after: Duration) -> Outcome<Duration> {
    let server = Server::new("on").await?;
    let (mut child, mut lines) =
        start(Role::Worker(u64::try_from(lease.as_millis())?), &server.url)?;
    // The child holds the lease once it has handled an event.
    let mut next = 0;
    while publish(&server, &mut next).await.is_err()
        || tokio::time::timeout(Duration::from_secs(1), lines.next_line())
            .await
            .is_err()
    {}
    let (sender, mut handled) = unbounded_channel();
    let bus = Bus::isolated()
        .with(hear)
        .provide(Handled(sender))
        .build()?;
    let worker = Worker::builder(&bus, server.store().clone())
        .lease(lease)
        .build()
        .await?;
    let handle = worker.handle();
    let running = tokio::spawn(async move { worker.run_until(std::future::pending()).await });
    tokio::time::sleep(after).await;
    if handled.try_recv().is_ok() {
        return Err("the child has lost its lease while it ran".into());
    }
    child.start_kill()?;
    let killed = Instant::now();
    child.wait().await?;
    publish(&server, &mut next).await?;
    let last = next - 1;
    while handled.recv().await.ok_or("the worker has stopped")? != last {}
    let took = killed.elapsed();
    handle.stop(Duration::from_secs(5)).await;
    running.await??;
    server.remove().await?;
    Ok(took)
}

async fn publish(server: &Server, next: &mut u64) -> Outcome {
    let mut transaction = server.begin().await?;
    Placed::new(*next, 0).publish(&mut transaction).await?;
    Server::commit(transaction).await?;
    *next += 1;
    Ok(())
}
