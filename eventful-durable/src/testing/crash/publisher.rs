//! A child that publishes.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::failpoint::pass;
use super::ledger::Ledger;
use super::load::Load;
use super::random::Random;
use super::{Fallible, Place, Row, Subject, Table};
use crate::{Append, AppendError, Appended, Appends, Envelope, Headers, slot_of};

/// The name of the events.
pub(super) const EVENT: &str = "crash.happened";

/// The places in a publisher at which it may abort.
pub(super) const FAILPOINTS: [&str; 2] = ["before the commit", "after the commit"];

/// Publishes on each of the connections.
pub(super) async fn run<S: Subject>(subject: S, place: &Place, random: Random) {
    let load = Load::of_this_process();
    let publisher = Arc::new(Publisher {
        subject,
        ledger: Ledger::open(place.directory()),
        random,
        load,
    });
    let connections = 0..publisher.load.connections;
    let connections = connections.map(|_| tokio::spawn(publish_for_ever(publisher.clone())));
    for connection in connections.collect::<Vec<_>>() {
        connection.await.expect("a publisher does not panic");
    }
}

/// Publishes on one connection, in transactions that stay open for long.
pub(super) async fn run_long<S: Subject>(subject: S, place: &Place, random: Random) {
    let load = Load::of_this_process();
    let time = load.long_transaction.expect("there is such a publisher");
    let publisher = Publisher {
        subject,
        ledger: Ledger::open(place.directory()),
        random,
        load,
    };
    loop {
        publisher.bear(publisher.long_transaction(time).await);
        tokio::time::sleep(publisher.random.millis(500)).await;
    }
}

struct Publisher<S> {
    subject: S,
    ledger: Ledger,
    random: Random,
    load: Load,
}

async fn publish_for_ever<S: Subject>(publisher: Arc<Publisher<S>>) {
    let random = &publisher.random;
    loop {
        publisher.bear(publisher.transaction().await);
        // Bursts, and pauses between them in which workers catch up.
        let pause = if random.percent(10) { 120 } else { 8 };
        tokio::time::sleep(random.millis(pause)).await;
    }
}

impl<S: Subject> Publisher<S> {
    async fn transaction(&self) -> Fallible<()> {
        let random = &self.random;
        let mut transaction = self.subject.begin().await?;
        if random.percent(self.load.early_percent) {
            publish::<S>(&mut transaction, None).await?;
            self.sleep().await;
        }
        let key = (!random.percent(15)).then(|| self.key());
        for _ in 0..=random.below(3) {
            self.publish_some(&mut transaction, key.as_deref()).await?;
            self.sleep().await;
        }
        if random.percent(5) {
            // It is rolled back.
            return Ok(());
        }
        pass(FAILPOINTS[0]);
        S::commit(transaction).await?;
        pass(FAILPOINTS[1]);
        self.ledger.committed();
        Ok(())
    }

    /// Publishes an event, perhaps within a savepoint, and perhaps behind one that is rolled back.
    async fn publish_some(
        &self,
        transaction: &mut S::Transaction,
        key: Option<&str>,
    ) -> Fallible<()> {
        let random = &self.random;
        if random.percent(15) {
            transaction.savepoint().await?;
            publish::<S>(transaction, key).await?;
            transaction.roll_back_to_savepoint().await?;
        }
        if random.percent(15) {
            transaction.savepoint().await?;
            publish::<S>(transaction, key).await?;
            transaction.release_savepoint().await?;
        } else {
            publish::<S>(transaction, key).await?;
        }
        if random.percent(5) {
            tokio::time::sleep(random.millis(5)).await;
        }
        Ok(())
    }

    /// Publishes an event without a key, so that nobody waits for it, and one with a key a long time later.
    async fn long_transaction(&self, time: Duration) -> Fallible<()> {
        let mut transaction = self.subject.begin().await?;
        publish::<S>(&mut transaction, None).await?;
        tokio::time::sleep(time).await;
        publish::<S>(&mut transaction, Some(&self.key())).await?;
        S::commit(transaction).await?;
        self.ledger.committed();
        Ok(())
    }

    async fn sleep(&self) {
        if !self.load.sleep.is_zero() {
            let time = self.random.between(Duration::ZERO, self.load.sleep);
            tokio::time::sleep(time).await;
        }
    }

    fn key(&self) -> String {
        format!("key-{}", self.random.below(self.load.keys))
    }

    /// Writes an error down, and goes on.
    fn bear(&self, done: Fallible<()>) {
        let Err(error) = done else {
            return;
        };
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            text = format!("{text}: {error}");
            source = error.source();
        }
        self.ledger.error("publisher", &text);
    }
}

/// Writes a row, and publishes its event.
async fn publish<S: Subject>(transaction: &mut S::Transaction, key: Option<&str>) -> Fallible<()> {
    let connection = connection::<S>(transaction)?;
    let number = match key {
        Some(key) => S::count(connection, key).await?,
        None => 0,
    };
    let row = Row {
        id: Uuid::now_v7(),
        key: key.map(str::to_owned),
        number,
    };
    S::write(connection, Table::Business, &row).await?;
    append::<S>(transaction, &row).await?;
    Ok(())
}

/// The connection of a transaction.
pub(super) fn connection<S: Subject>(
    transaction: &mut S::Transaction,
) -> Fallible<&mut S::Connection> {
    let lent = transaction.lend();
    let connection = lent.and_then(|lent| lent.downcast_mut::<S::Connection>());
    connection.ok_or_else(|| "`Appends::lend` does not lend a `Subject::Connection`".into())
}

/// Publishes the event of a row.
pub(super) async fn append<S: Subject>(
    transaction: &mut S::Transaction,
    row: &Row,
) -> Result<Appended, AppendError> {
    let append = Append {
        envelope: envelope(row),
        due_at: None,
        once: None,
    };
    transaction.append(append).await
}

fn envelope(row: &Row) -> Envelope {
    let id = row.id.to_string();
    Envelope {
        id: row.id,
        name: EVENT.to_owned(),
        version: 1,
        key: row.key.clone(),
        slot: slot_of(row.key.as_deref().unwrap_or(&id)),
        payload: row.number.to_string().into_bytes(),
        occurred_at: Timestamp::now(),
        headers: Headers::default(),
    }
}

impl Row {
    /// The row of an event.
    pub(super) fn of(event: &Envelope) -> Self {
        let number = std::str::from_utf8(&event.payload).ok();
        Self {
            id: event.id,
            key: event.key.clone(),
            number: number
                .and_then(|number| number.parse().ok())
                .expect("the payload is the number"),
        }
    }
}
