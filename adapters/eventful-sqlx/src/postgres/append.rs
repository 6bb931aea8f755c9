//! The append of an event.

use eventful_durable::{Append, Appended};

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
