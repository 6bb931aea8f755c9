//! One event now and then, published by another process.

use std::fmt;
use std::time::Duration;

use eventful::durable::Worker;
use eventful::{Bus, handler};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use crate::child::{Role, start, wall_clock};
use crate::database::{Database, Outcome, Placed};
use crate::idle::share_while_idle;
use crate::ordered::{ms, percentile};
use crate::server::Server;

pub(crate) const EVENTS: u64 = 200;
/// Longer than it takes until the worker looks as seldom as it can.
pub(crate) const PAUSE: Duration = Duration::from_millis(400);

/// The way in which a worker hears of what another process has published.
#[derive(Clone, Copy)]
enum WakeUp {
    Polling,
    Listening,
}

impl fmt::Display for WakeUp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Polling => "polling alone",
            Self::Listening => "LISTEN",
        })
    }
}

struct Handled(UnboundedSender<Duration>);

#[handler(Placed, id = "wake.hear")]
async fn hear(_: &Placed, handled: &Handled) -> Result<(), std::io::Error> {
    let at = wall_clock().map_err(std::io::Error::other)?;
    // Nobody waits for the last ones.
    let _ = handled.0.send(at);
    Ok(())
}

pub(crate) async fn run() -> Outcome {
    println!(
        "idle: from the commit of a publish in another process to the handler, {EVENTS} events, one every {PAUSE:?}"
    );
    println!("| wake-up | p50 ms | p99 ms | processor time while idle |");
    println!("|---|---:|---:|---:|");
    for wake_up in [WakeUp::Polling, WakeUp::Listening] {
        let server = Server::new("on").await?;
        let (sender, mut handled) = unbounded_channel();
        let bus = Bus::isolated()
            .with(hear)
            .provide(Handled(sender))
            .build()?;
        let (store, role) = match wake_up {
            WakeUp::Polling => (server.store().clone(), Role::Publisher),
            WakeUp::Listening => (server.store().clone().listening(), Role::TellingPublisher),
        };
        let worker = Worker::builder(&bus, store.clone()).build().await?;
        let handle = worker.handle();
        let running = tokio::spawn(async move { worker.run_until(std::future::pending()).await });
        let share = share_while_idle().await?;
        let (_child, mut lines) = start(role, &server.url)?;
        let mut times = Vec::new();
        while let Some(line) = lines.next_line().await? {
            let committed = Duration::from_nanos(line.parse()?);
            let at = handled.recv().await.ok_or("the worker has stopped")?;
            times.push(at.saturating_sub(committed));
        }
        if times.len() != usize::try_from(EVENTS)? {
            return Err("the publisher has ended early".into());
        }
        let (p50, p99) = (percentile(&mut times, 50), percentile(&mut times, 99));
        println!("| {wake_up} | {} | {} | {share:.1} % |", ms(p50), ms(p99));
        handle.stop(Duration::from_secs(5)).await;
        running.await??;
        store.close().await;
        server.remove().await?;
    }
    Ok(())
}
