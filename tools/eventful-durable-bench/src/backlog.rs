//! Memory with a backlog.

use std::time::{Duration, Instant};

use crate::database::{Database, Outcome};
use crate::drain::buses;

pub(crate) async fn run<D: Database>() -> Outcome {
    let events = D::SIZES.waiting;
    let database = D::new(D::SYNCHRONOUS[0]).await?;
    let [(_, bus), _] = buses()?;
    let worker = database.worker(&bus).await?;
    worker.run_until_idle().await?;
    let before = resident()?;
    database.fill(events, 10_000).await?;
    let began = Instant::now();
    let running = tokio::spawn(async move { worker.run_until_idle().await });
    let mut most = resident()?;
    while !running.is_finished() {
        most = most.max(resident()?);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    running.await??;
    let seconds = began.elapsed().as_secs_f64();
    database.require_handled(events).await?;
    println!(
        "backlog of {events} events: {before:.1} MB before, {most:.1} MB at most, + {:.1} MB; read in {seconds:.0} s",
        most - before
    );
    database.remove().await
}

/// The resident memory of this process, in MB.
fn resident() -> Outcome<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .ok_or("there is no VmRSS")?;
    let kilobytes: f64 = line
        .split_whitespace()
        .nth(1)
        .ok_or("VmRSS is empty")?
        .parse()?;
    Ok(kilobytes / 1_000.0)
}
