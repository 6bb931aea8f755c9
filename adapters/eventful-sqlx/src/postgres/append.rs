//! The append of an event.

use eventful_durable::{Append, Appended};

use super::Postgres;
use super::columns::{Instant, bind_envelope, envelope_columns};
use super::session::Session;
use crate::failpoint;
use crate::failure::Outcome;

pub(super) const APPEND: &str = concat!(
    "INSERT INTO eventful.log (",
    envelope_columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
);

/// Into the table of scheduled events, or into the log if the instant has passed.
pub(super) const SCHEDULE: &str = concat!(
    "WITH scheduled AS (INSERT INTO eventful.scheduled (",
    envelope_columns!(),
    ", due_at) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 WHERE $9 > statement_timestamp() RETURNING 1)
     INSERT INTO eventful.log (",
    envelope_columns!(),
    ") SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE NOT EXISTS (SELECT FROM scheduled)"
);

pub(super) const SAY: &str = "
    INSERT INTO eventful.once (name, word, said_at) VALUES ($1, $2, statement_timestamp()) ON CONFLICT DO NOTHING";

impl Postgres {
    /// Returns the statement that publishes an event, for a driver that this crate does not know, and for other
    /// languages. It runs in the program's own transaction.
    ///
    /// | bind | type | value |
    /// |---|---|---|
    /// | `$1` | `uuid` | the id of the event, a new one; of version 7, so that it is in the order of time |
    /// | `$2` | `text` | the name of the event |
    /// | `$3` | `integer` | its version: 1, unless the event says another |
    /// | `$4` | `text` | the key, or NULL: without a NUL character in it |
    /// | `$5` | `smallint` | [`slot_of`](eventful_durable::slot_of) the key; of the id, in lower case with hyphens, if there is no key |
    /// | `$6` | `bytea` | the event as JSON, in UTF-8, at most 256 KiB |
    /// | `$7` | `timestamptz` | the instant of the publish |
    /// | `$8` | `text` | headers as a JSON object: `{}`, or with `traceparent`, `tracestate`, `cause`, `correlation`, `published_at` |
    ///
    /// Events of one key must have one slot, or they are handled out of order. Handlers that are `in_transaction` do
    /// not run: they are in the program that has them. A worker sees the event when it looks next, after 250
    /// milliseconds at most. The statement is for one version of the tables: take it from the version of this crate that has migrated.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::durable::slot_of;
    /// use eventful::store::Postgres;
    ///
    /// assert!(Postgres::append_sql().starts_with("INSERT INTO eventful.log"));
    /// assert_eq!(slot_of("ann"), 232); // the bind `$5` for the key "ann"
    /// ```
    #[must_use]
    pub fn append_sql() -> &'static str {
        APPEND
    }
}

/// Appends an event in the open transaction of the connection.
pub(super) async fn append(session: &mut Session<'_>, append: &Append) -> Outcome<Appended> {
    let envelope = &append.envelope;
    if let Some(word) = &append.once {
        // It waits for another transaction that has said it, and is still open.
        let said = session
            .execute(sqlx::query(SAY).bind(&envelope.name).bind(word))
            .await?;
        if said == 0 {
            return Ok(Appended::Before);
        }
    }
    let query = match append.due_at {
        Some(due_at) => bind_envelope(sqlx::query(SCHEDULE), envelope)?.bind(Instant(due_at)),
        None => bind_envelope(sqlx::query(APPEND), envelope)?,
    };
    session.execute(query).await?;
    failpoint::pass("postgres: after an append");
    Ok(Appended::Now)
}
