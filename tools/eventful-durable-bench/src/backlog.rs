//! Memory with a backlog.

use std::time::Duration;

use crate::drain::buses;
use crate::file::{File, Outcome, Synchronous};

const EVENTS: u64 = 1_000_000;

pub(crate) async fn run() -> Outcome {
    let file = File::new(Synchronous::BOTH[0]).await?;
    let [(_, bus), _] = buses()?;
    let worker = file.worker(&bus).await?;
    worker.run_until_idle().await?;
    let before = resident()?;
    file.fill(EVENTS, 10_000).await?;
    let running = tokio::spawn(async move { worker.run_until_idle().await });
    let mut most = resident()?;
    while !running.is_finished() {
        most = most.max(resident()?);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    running.await??;
    file.require_handled(EVENTS).await?;
    println!(
        "backlog of {EVENTS} events: {before:.1} MB before, {most:.1} MB at most, + {:.1} MB",
        most - before
    );
    Ok(())
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
