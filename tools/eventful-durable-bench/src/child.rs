//! Other processes of a figure: this program, which runs itself with other arguments.

use std::process::Stdio;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use eventful::durable::Worker;
use eventful::store::Postgres;
use eventful::{Bus, handler};
use sqlx::PgPool;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::database::{Outcome, Placed};
use crate::wake::{EVENTS, PAUSE};

/// The first argument of a process that is another one's child.
pub(crate) const WORD: &str = "as-child";

/// The work of a child.
#[derive(Clone, Copy)]
pub(crate) enum Role {
    /// Publishes now and then, and says when each commit was done.
    Publisher,
    /// The same, and tells the workers of other processes.
    TellingPublisher,
    /// Delivers until it is killed, with a lease of so many milliseconds.
    Worker(u64),
}

/// Starts a child on the database of a URL. Returns its lines, too. It is killed when it is dropped.
pub(crate) fn start(role: Role, url: &str) -> Outcome<(Child, Lines<BufReader<ChildStdout>>)> {
    let (role, lease) = match role {
        Role::Publisher => ("publisher", 0),
        Role::TellingPublisher => ("telling-publisher", 0),
        Role::Worker(lease) => ("worker", lease),
    };
    let mut child = Command::new(std::env::current_exe()?)
        .args([WORD, role, url, &lease.to_string()])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let lines = child.stdout.take().ok_or("the child has no output")?;
    Ok((child, BufReader::new(lines).lines()))
}

/// Runs as a child.
pub(crate) async fn run(arguments: &[String]) -> Outcome {
    let [role, url, lease] = arguments else {
        return Err("a child has three arguments".into());
    };
    let pool = PgPool::connect(url).await?;
    let store = Postgres::new(pool.clone());
    match role.as_str() {
        "publisher" => publish(&pool).await,
        "telling-publisher" => {
            let store = store.listening();
            // Building a worker begins to tell.
            let _worker = Worker::builder(Vec::new(), store).build().await?;
            publish(&pool).await
        }
        _ => {
            let bus = Bus::isolated().with(takes_over).build()?;
            let worker = Worker::builder(&bus, store)
                .lease(Duration::from_millis(lease.parse()?))
                .build()
                .await?;
            Ok(worker.run_until(std::future::pending()).await?)
        }
    }
}

/// The subscription of the figure `takeover`, as the child has it.
#[handler(Placed, id = "takeover.hear")]
async fn takes_over(event: &Placed) {
    println!("{}", event.key);
}

async fn publish(pool: &PgPool) -> Outcome {
    for key in 0..EVENTS {
        let mut transaction = pool.begin().await?;
        Placed::new(key, 0).publish(&mut transaction).await?;
        transaction.commit().await?;
        println!("{}", wall_clock()?.as_nanos());
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// The clock that the processes of a machine share.
pub(crate) fn wall_clock() -> Outcome<Duration> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?)
}
