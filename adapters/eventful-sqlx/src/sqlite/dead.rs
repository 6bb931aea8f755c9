//! Dead letters.

use eventful_durable::Timestamp;
use eventful_durable::store::{DeadFilter, DeadLetter, Position};
use sqlx::{Row, SqliteConnection};

use super::columns::{Query, envelope, envelope_columns, micros, timestamp};
use crate::failure::Outcome;
use crate::text::failures;

/// The dead letters that fit a filter, in their order. What is NULL fits everything. [`bind`] binds it.
macro_rules! chosen {
    ($columns:expr) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM eventful_dead d JOIN eventful_subscription s ON s.number = d.subscription
              WHERE (?1 IS NULL OR s.id = ?1) AND (?2 IS NULL OR d.id = ?2) AND (?3 IS NULL OR d.name = ?3)
                AND (?4 IS NULL OR d.key = ?4) AND (?5 IS NULL OR d.died_at >= ?5) AND (?6 IS NULL OR d.died_at < ?6)
                AND (?7 IS NULL OR (d.died_at, s.id, d.id) > (?7, ?8, ?9))
              ORDER BY d.died_at, s.id, d.id LIMIT ?10"
        )
    };
}

fn bind<'q>(query: Query<'q>, filter: &'q DeadFilter) -> Query<'q> {
    let after = filter.after.as_ref();
    query
        .bind(&filter.subscription)
        .bind(filter.event.map(|id| id.to_string()))
        .bind(&filter.name)
        .bind(&filter.key)
        .bind(filter.died_from.map(micros))
        .bind(filter.died_before.map(micros))
        .bind(after.map(|after| micros(after.0)))
        .bind(after.map(|after| after.1.as_str()))
        .bind(after.map(|after| after.2.to_string()))
        .bind(
            filter
                .limit
                .map_or(-1, |limit| i64::try_from(limit).unwrap_or(-1)),
        )
}

pub(super) async fn dead_letters(
    connection: &mut SqliteConnection,
    filter: &DeadFilter,
) -> Outcome<Vec<DeadLetter>> {
    let query = sqlx::query(chosen!(concat!(
        "s.id, d.position, d.attempts, d.failures, d.reason, d.died_at, d.retried, ",
        envelope_columns!("d")
    )));
    let rows = bind(query, filter).fetch_all(connection).await?;
    let mut letters = Vec::with_capacity(rows.len());
    for row in &rows {
        let attempts: i64 = row.try_get(2)?;
        letters.push(DeadLetter {
            subscription: row.try_get(0)?,
            position: Position(row.try_get(1)?),
            attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
            failures: failures(row.try_get(3)?)?,
            reason: row.try_get(4)?,
            died_at: timestamp(row.try_get(5)?),
            is_retried: row.try_get(6)?,
            envelope: envelope(row, 7)?,
        });
    }
    Ok(letters)
}

/// Writes the numbers of the dead letters that fit into a table of the connection's own, which the steps after it read.
async fn choose(connection: &mut SqliteConnection, filter: &DeadFilter) -> Outcome<u64> {
    for statement in [
        "CREATE TEMP TABLE IF NOT EXISTS eventful_chosen
             (subscription INTEGER, id TEXT, position INTEGER, slot INTEGER)",
        "DELETE FROM temp.eventful_chosen",
    ] {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    let insert = sqlx::query(concat!(
        "INSERT INTO temp.eventful_chosen ",
        chosen!("d.subscription, d.id, d.position, d.slot")
    ));
    let inserted = bind(insert, filter).execute(connection).await?;
    Ok(inserted.rows_affected())
}

/// The chosen dead letters with the partition that has their slot now, and the retry that stands for each, if one does.
macro_rules! chosen_with_partition {
    () => {
        "temp.eventful_chosen c JOIN eventful_partition p
             ON p.subscription = c.subscription AND c.slot BETWEEN p.first_slot AND p.last_slot"
    };
}

pub(super) async fn retry(
    connection: &mut SqliteConnection,
    filter: &DeadFilter,
    now: Timestamp,
) -> Outcome<u64> {
    let chosen = choose(connection, filter).await?;
    for statement in [
        "UPDATE eventful_dead SET retried = 1
         WHERE (subscription, id) IN (SELECT subscription, id FROM temp.eventful_chosen)",
        // Not those whose retry is waiting: only a stopped one begins anew.
        concat!(
            "DELETE FROM temp.eventful_chosen WHERE rowid IN (SELECT c.rowid FROM ",
            chosen_with_partition!(),
            " JOIN eventful_retry r ON r.partition = p.id AND r.position = c.position
              WHERE r.due_at IS NOT NULL OR r.needs IS NOT NULL)"
        ),
        concat!(
            "DELETE FROM eventful_done WHERE (partition, position) IN (SELECT p.id, c.position FROM ",
            chosen_with_partition!(),
            ")"
        ),
    ] {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    sqlx::query(concat!(
        "INSERT OR REPLACE INTO eventful_retry (partition, position, event, name, key, slot, attempts, due_at, failures)
         SELECT p.id, c.position, c.id, d.name, d.key, d.slot, 0, ?, d.failures FROM ",
        chosen_with_partition!(),
        " JOIN eventful_dead d ON d.subscription = c.subscription AND d.id = c.id"
    ))
    .bind(micros(now))
    .execute(connection)
    .await?;
    Ok(chosen)
}

pub(super) async fn discard(
    connection: &mut SqliteConnection,
    filter: &DeadFilter,
) -> Outcome<u64> {
    let chosen = choose(connection, filter).await?;
    for statement in [
        // A worker learns that a stopped key is open when it takes the lease anew.
        concat!(
            "UPDATE eventful_partition SET token = NULL WHERE id IN (SELECT p.id FROM ",
            chosen_with_partition!(),
            " JOIN eventful_retry r ON r.partition = p.id AND r.position = c.position AND r.event = c.id
              WHERE r.due_at IS NULL AND r.needs IS NULL)"
        ),
        concat!(
            "DELETE FROM eventful_retry WHERE (partition, position, event) IN (SELECT p.id, c.position, c.id FROM ",
            chosen_with_partition!(),
            ")"
        ),
        "DELETE FROM eventful_dead WHERE (subscription, id) IN (SELECT subscription, id FROM temp.eventful_chosen)",
    ] {
        sqlx::query(statement).execute(&mut *connection).await?;
    }
    Ok(chosen)
}
