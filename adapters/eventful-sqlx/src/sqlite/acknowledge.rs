//! Acknowledgements.

use eventful_durable::store::{Acknowledgement, Dead, Place, Retry, Verdict, Wait};
use eventful_durable::{Timestamp, WhenDead};
use sqlx::{Row, SqliteConnection};

use super::append::append;
use super::columns::{bind_envelope, envelope_columns, later, micros};
use crate::failpoint;
use crate::failure::Outcome;
use crate::text::json;

/// The guard, and the cursor: one row if the token holds and the cursor stands where it should.
const MOVE_CURSOR: &str = "
    UPDATE eventful_partition SET cursor = ?1, handled = handled + ?2, failing = ?3
    WHERE token = ?4 AND cursor = ?5
        AND (?5 = 0 OR EXISTS (SELECT 1 FROM eventful_log WHERE position = ?5))
        AND (?1 IN (0, ?5) OR EXISTS (SELECT 1 FROM eventful_log WHERE position = ?1))
    RETURNING id, subscription";

const FORGET_DONE: &str = "
    DELETE FROM eventful_done WHERE partition = ?1 AND position <= ?2
        AND NOT EXISTS (SELECT 1 FROM eventful_retry r
            WHERE r.partition = ?1 AND r.position = eventful_done.position)";

const REMOVE_DEAD_OF_RETRIES: &str = "
    DELETE FROM eventful_dead WHERE subscription = ?1 AND id IN (
        SELECT event FROM eventful_retry WHERE partition = ?2 AND position IN (SELECT value FROM json_each(?3)))";

const REMOVE_RETRIES: &str = "
    DELETE FROM eventful_retry WHERE partition = ? AND position IN (SELECT value FROM json_each(?))";

/// The partition of an acknowledgement.
#[derive(Clone, Copy)]
struct Part {
    id: i64,
    subscription: i64,
}

pub(super) async fn acknowledge(
    connection: &mut SqliteConnection,
    ack: &Acknowledgement,
    now: Timestamp,
) -> Outcome<Verdict> {
    let is_foreign = |place: Place| place.step != 0;
    if is_foreign(ack.from) || is_foreign(ack.to) {
        // A place of another store.
        return Ok(Verdict::Void);
    }
    let row = sqlx::query(MOVE_CURSOR)
        .bind(ack.to.position.0)
        .bind(i64::try_from(ack.handled).unwrap_or(i64::MAX))
        .bind(ack.failing)
        .bind(ack.held.token.0.to_string())
        .bind(ack.from.position.0)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else {
        return Ok(Verdict::Void);
    };
    let part = Part {
        id: row.try_get(0)?,
        subscription: row.try_get(1)?,
    };
    failpoint::pass("sqlite: within an acknowledgement");
    for retry in &ack.retries {
        write_retry(connection, part, retry, now).await?;
    }
    if !ack.wake.is_empty() {
        sqlx::query(
            "UPDATE eventful_retry SET due_at = ?, needs = NULL
             WHERE partition = ? AND position IN (SELECT value FROM json_each(?))",
        )
        .bind(micros(now))
        .bind(part.id)
        .bind(json(&ack.wake)?)
        .execute(&mut *connection)
        .await?;
    }
    if !ack.done.is_empty() {
        let done = json(&ack.done)?;
        sqlx::query(REMOVE_DEAD_OF_RETRIES)
            .bind(part.subscription)
            .bind(part.id)
            .bind(&done)
            .execute(&mut *connection)
            .await?;
        sqlx::query(REMOVE_RETRIES)
            .bind(part.id)
            .bind(&done)
            .execute(&mut *connection)
            .await?;
    }
    for dead in &ack.dead {
        bury(connection, part, dead, now).await?;
    }
    if !ack.ended.is_empty() {
        sqlx::query("DELETE FROM eventful_note WHERE partition = ? AND position IN (SELECT value FROM json_each(?))")
            .bind(part.id)
            .bind(json(&ack.ended)?)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query(FORGET_DONE)
        .bind(part.id)
        .bind(ack.to.position.0)
        .execute(&mut *connection)
        .await?;
    for event in &ack.append {
        append(connection, event, now).await?;
    }
    Ok(Verdict::Accepted)
}

/// Inserts or replaces a retry. The event is that of the log, or of the row that is there: a dead letter may be retried
/// that the log has lost.
async fn write_retry(
    connection: &mut SqliteConnection,
    part: Part,
    retry: &Retry,
    now: Timestamp,
) -> Outcome<()> {
    let (due_at, needs) = match &retry.wait {
        Wait::For(time) => (Some(later(now, *time)), None),
        Wait::Parked(needs) => (None, Some(json(needs)?)),
        Wait::Stopped => (None, None),
    };
    let first_attempt_at = (retry.attempts > 0).then(|| micros(now));
    let failures = json(&retry.failures)?;
    sqlx::query(
        "INSERT INTO eventful_retry (partition, position, event, name, key, slot, attempts, first_attempt_at, due_at,
             needs, failures)
         SELECT ?1, ?2, id, name, key, slot, ?3, ?4, ?5, ?6, ?7 FROM eventful_log WHERE position = ?2
         UNION ALL
         SELECT ?1, ?2, event, name, key, slot, ?3, ?4, ?5, ?6, ?7 FROM eventful_retry
         WHERE partition = ?1 AND position = ?2 AND NOT EXISTS (SELECT 1 FROM eventful_log WHERE position = ?2)
         ON CONFLICT DO UPDATE SET attempts = excluded.attempts,
             first_attempt_at = coalesce(first_attempt_at, excluded.first_attempt_at), due_at = excluded.due_at,
             needs = excluded.needs, failures = excluded.failures",
    )
    .bind(part.id)
    .bind(retry.position.0)
    .bind(i64::from(retry.attempts))
    .bind(first_attempt_at)
    .bind(due_at)
    .bind(needs)
    .bind(failures)
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes a dead letter, and removes its retry, or stops it.
async fn bury(
    connection: &mut SqliteConnection,
    part: Part,
    dead: &Dead,
    now: Timestamp,
) -> Outcome<()> {
    let letter = bind_envelope(
        sqlx::query(concat!(
            "INSERT OR REPLACE INTO eventful_dead (",
            envelope_columns!(),
            ", subscription, position, attempts, failures, reason, died_at)
              VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )),
        &dead.envelope,
    )?;
    letter
        .bind(part.subscription)
        .bind(dead.position.0)
        .bind(i64::from(dead.attempts))
        .bind(json(&dead.failures)?)
        .bind(&dead.reason)
        .bind(micros(now))
        .execute(&mut *connection)
        .await?;
    match dead.when_dead {
        WhenDead::GoOn => {
            sqlx::query("DELETE FROM eventful_retry WHERE partition = ? AND position = ?")
                .bind(part.id)
                .bind(dead.position.0)
                .execute(connection)
                .await?;
        }
        WhenDead::Stop => {
            let envelope = &dead.envelope;
            sqlx::query(
                "INSERT OR REPLACE INTO eventful_retry (partition, position, event, name, key, slot, attempts, failures)
                 VALUES (?, ?, ?, ?, ?, ?, ?, '[]')",
            )
            .bind(part.id)
            .bind(dead.position.0)
            .bind(envelope.id.to_string())
            .bind(&envelope.name)
            .bind(&envelope.key)
            .bind(i64::from(envelope.slot))
            .bind(i64::from(dead.attempts))
            .execute(connection)
            .await?;
        }
    }
    Ok(())
}
