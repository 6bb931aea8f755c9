//! Trimming the log, and erasing from it.

use std::time::Duration;

use eventful_durable::Timestamp;
use eventful_durable::store::{Partition, Position, Trimmed};
use sqlx::{Row, SqliteConnection};

use super::columns::earlier;
use super::registration::end;
use crate::failpoint;
use crate::failure::Outcome;
use crate::text::{decoding, json};

/// The partition that needs the oldest event: the one on which its cursor stands, or that of a retry before it.
const LEAST_NEEDED: &str = "
    SELECT s.id, p.number, p.id,
        min(p.cursor, coalesce((SELECT min(position) FROM eventful_retry r WHERE r.partition = p.id), p.cursor))
            AS needed
    FROM eventful_partition p JOIN eventful_subscription s ON s.number = p.subscription
    ORDER BY needed LIMIT 1";

/// True if a partition still needs an event that is old, beside the one on which its cursor stands.
const HOLDS_OLD_EVENTS: &str = "
    SELECT EXISTS (SELECT 1 FROM eventful_retry WHERE partition = ?1)
        OR coalesce((SELECT l.appended_at < ?2 FROM eventful_log l
            WHERE l.position > (SELECT cursor FROM eventful_partition WHERE id = ?1) ORDER BY l.position LIMIT 1), 0)";

struct Needed {
    partition: Partition,
    id: i64,
    position: i64,
}

pub(super) async fn trim(
    connection: &mut SqliteConnection,
    retention: Duration,
    limit: usize,
    now: Timestamp,
) -> Outcome<Trimmed> {
    let before = earlier(now, retention);
    sqlx::query("DELETE FROM eventful_once WHERE said_at < ?")
        .bind(before)
        .execute(&mut *connection)
        .await?;
    let last = end(connection).await?;
    let needed = least_needed(connection).await?;
    let oldest =
        sqlx::query("SELECT position, appended_at FROM eventful_log ORDER BY position LIMIT ?")
            .bind(i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1))
            .fetch_all(&mut *connection)
            .await?;
    let mut trimmed = Trimmed::default();
    let mut through = None;
    for row in &oldest {
        let (position, appended_at): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        if appended_at >= before || position == last {
            break;
        }
        if let Some(needed) = needed.as_ref().filter(|needed| position >= needed.position) {
            if holds_old_events(connection, needed, before).await? {
                trimmed.held_by = Some((needed.partition.clone(), Position(needed.position)));
            }
            break;
        }
        if trimmed.removed == limit as u64 {
            break;
        }
        through = Some(position);
        trimmed.removed += 1;
    }
    if let Some(through) = through {
        sqlx::query("DELETE FROM eventful_log WHERE position <= ?")
            .bind(through)
            .execute(connection)
            .await?;
        failpoint::pass("sqlite: within a trim");
    }
    Ok(trimmed)
}

async fn least_needed(connection: &mut SqliteConnection) -> Outcome<Option<Needed>> {
    let row = sqlx::query(LEAST_NEEDED).fetch_optional(connection).await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let number: i64 = row.try_get(1)?;
    Ok(Some(Needed {
        partition: Partition {
            subscription: row.try_get(0)?,
            number: u32::try_from(number).map_err(decoding)?,
        },
        id: row.try_get(2)?,
        position: row.try_get(3)?,
    }))
}

async fn holds_old_events(
    connection: &mut SqliteConnection,
    needed: &Needed,
    before: i64,
) -> Outcome<bool> {
    let holds = sqlx::query_scalar(HOLDS_OLD_EVENTS)
        .bind(needed.id)
        .bind(before);
    Ok(holds.fetch_one(connection).await?)
}

/// The positions of the events of a key that are in the log up to a position.
pub(super) async fn positions_of(
    connection: &mut SqliteConnection,
    key: &str,
    through: i64,
) -> Outcome<Vec<i64>> {
    // No index has the key, which would cost each publish: the log is read, without the write lock.
    let positions =
        sqlx::query_scalar("SELECT position FROM eventful_log WHERE key = ? AND position <= ?");
    Ok(positions
        .bind(key)
        .bind(through)
        .fetch_all(connection)
        .await?)
}

/// Empties every event of a key: those of the log whose positions are known, and those that came behind `through`.
pub(super) async fn erase(
    connection: &mut SqliteConnection,
    key: &str,
    known: &[i64],
    through: i64,
) -> Outcome<u64> {
    let mut erased = sqlx::query(
        "UPDATE eventful_log SET payload = x''
         WHERE position IN (SELECT value FROM json_each(?1)) OR (position > ?2 AND key = ?3)",
    )
    .bind(json(known)?)
    .bind(through)
    .bind(key)
    .execute(&mut *connection)
    .await?
    .rows_affected();
    for statement in [
        "UPDATE eventful_scheduled SET payload = x'' WHERE key = ?",
        "UPDATE eventful_dead SET payload = x'', failures = '[]' WHERE key = ?",
    ] {
        let emptied = sqlx::query(statement)
            .bind(key)
            .execute(&mut *connection)
            .await?;
        erased += emptied.rows_affected();
    }
    sqlx::query("UPDATE eventful_retry SET failures = '[]' WHERE key = ?")
        .bind(key)
        .execute(connection)
        .await?;
    Ok(erased)
}
