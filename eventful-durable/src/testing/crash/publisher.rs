//! A child that publishes.

use jiff::Timestamp;
use uuid::Uuid;

use super::failpoint::pass;
use super::ledger::Ledger;
use super::random::Random;
use super::{Fallible, Place, Row, Subject, Table};
use crate::{Append, AppendError, Appended, Appends, Envelope, Headers, slot_of};

/// The name of the events.
pub(super) const EVENT: &str = "crash.happened";
/// The number of keys.
const KEYS: u64 = 12;

/// The places in a publisher at which it may abort.
pub(super) const FAILPOINTS: [&str; 2] = ["before the commit", "after the commit"];

pub(super) async fn run<S: Subject>(subject: &S, place: &Place, random: &Random) {
    let ledger = Ledger::open(place.directory());
    loop {
        if let Err(error) = transaction(subject, random).await {
            let mut text = error.to_string();
            let mut source = error.source();
            while let Some(error) = source {
                text = format!("{text}: {error}");
                source = error.source();
            }
            ledger.error("publisher", &text);
        }
        // Bursts, and pauses between them in which workers catch up.
        let pause = if random.percent(10) { 120 } else { 8 };
        tokio::time::sleep(random.millis(pause)).await;
    }
}

async fn transaction<S: Subject>(subject: &S, random: &Random) -> Fallible<()> {
    let mut transaction = subject.begin().await?;
    let key = (!random.percent(15)).then(|| format!("key-{}", random.below(KEYS)));
    for _ in 0..=random.below(3) {
        if random.percent(15) {
            transaction.savepoint().await?;
            publish::<S>(&mut transaction, key.as_deref()).await?;
            transaction.roll_back_to_savepoint().await?;
        }
        if random.percent(15) {
            transaction.savepoint().await?;
            publish::<S>(&mut transaction, key.as_deref()).await?;
            transaction.release_savepoint().await?;
        } else {
            publish::<S>(&mut transaction, key.as_deref()).await?;
        }
        if random.percent(5) {
            tokio::time::sleep(random.millis(5)).await;
        }
    }
    if random.percent(5) {
        // It is rolled back.
        return Ok(());
    }
    pass(FAILPOINTS[0]);
    S::commit(transaction).await?;
    pass(FAILPOINTS[1]);
    Ok(())
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
