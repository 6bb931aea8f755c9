//! The append of an event.

use eventful_durable::{Append, Appended, Timestamp};
use sqlx::SqliteConnection;

use super::columns::{bind_envelope, envelope_columns, micros};
use crate::failpoint;
use crate::failure::Outcome;

const APPEND: &str = concat!(
    "INSERT INTO eventful_log (",
    envelope_columns!(),
    ", appended_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
);

const SCHEDULE: &str = concat!(
    "INSERT INTO eventful_scheduled (",
    envelope_columns!(),
    ", due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
);

const SAY: &str =
    "INSERT INTO eventful_once (name, word, said_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";

/// Appends an event in the open transaction of the connection.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    append: &Append,
    now: Timestamp,
) -> Outcome<Appended> {
    let envelope = &append.envelope;
    if let Some(word) = &append.once {
        let say = sqlx::query(SAY)
            .bind(&envelope.name)
            .bind(word)
            .bind(micros(now));
        if say.execute(&mut *connection).await?.rows_affected() == 0 {
            return Ok(Appended::Before);
        }
    }
    let (statement, instant) = match append.due_at {
        Some(due_at) if due_at > now => (SCHEDULE, due_at),
        _ => (APPEND, now),
    };
    let query = bind_envelope(sqlx::query(statement), envelope)?;
    query.bind(micros(instant)).execute(connection).await?;
    failpoint::pass("sqlite: after an append");
    Ok(Appended::Now)
}
