//! Events on their way to a worker.

use std::collections::BTreeSet;
use std::time::Duration;

use eventful_durable::Timestamp;
use eventful_durable::store::{
    Advanced, Budget, Due, DueRetry, Fetch, Fetched, Limit, Logged, Partition, Position,
};
use sqlx::{Row, SqliteConnection};

use super::columns::{envelope, envelope_columns, micros, place, timestamp, until};
use crate::failpoint;
use crate::failure::Outcome;
use crate::text::{failures, json};

/// The most scheduled events that are appended in one step.
const MOVED_AT_ONCE: i64 = 500;
/// The most events that one fetch looks at. One that finds few events of its names does not read the log to its end.
const LOOKED_AT: i64 = 10_000;

/// Reads where the log ends, and how many scheduled events are due.
pub(super) async fn look(connection: &mut SqliteConnection, now: Timestamp) -> Outcome<Advanced> {
    let row = sqlx::query(
        "SELECT (SELECT coalesce(max(position), 0) FROM eventful_log), (SELECT min(due_at) FROM eventful_scheduled)",
    )
    .fetch_one(connection)
    .await?;
    let next: Option<i64> = row.try_get(1)?;
    Ok(Advanced {
        end: place(row.try_get(0)?),
        next_scheduled_in: next.map(|due_at| until(now, due_at)),
        now,
    })
}

/// Appends the scheduled events that are due.
pub(super) async fn append_due(connection: &mut SqliteConnection, now: Timestamp) -> Outcome<()> {
    sqlx::query(concat!(
        "INSERT INTO eventful_log (",
        envelope_columns!(),
        ", appended_at) SELECT ",
        envelope_columns!(),
        ", ?1 FROM eventful_scheduled WHERE due_at <= ?1 ORDER BY due_at, number LIMIT ?2"
    ))
    .bind(micros(now))
    .bind(MOVED_AT_ONCE)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "DELETE FROM eventful_scheduled WHERE number IN (
             SELECT number FROM eventful_scheduled WHERE due_at <= ?1 ORDER BY due_at, number LIMIT ?2)",
    )
    .bind(micros(now))
    .bind(MOVED_AT_ONCE)
    .execute(connection)
    .await?;
    Ok(())
}

/// The last position that a fetch looks at. What commits later comes behind it, because writers follow each other.
const HORIZON: &str = "
    SELECT coalesce(max(position), 0) FROM eventful_log
    WHERE position <= max(?1, (SELECT min(position) FROM eventful_log) - 1) + ?2";

const FETCH: &str = concat!(
    "SELECT position, ",
    envelope_columns!(),
    " FROM eventful_log WHERE position > ?1 AND position <= ?2 AND slot BETWEEN ?3 AND ?4
      AND (?5 IS NULL OR name IN (SELECT value FROM json_each(?5))) ORDER BY position LIMIT ?6"
);

pub(super) async fn fetch(connection: &mut SqliteConnection, fetch: &Fetch) -> Outcome<Fetched> {
    let after = fetch.after.position.0;
    let horizon: i64 = sqlx::query_scalar(HORIZON)
        .bind(after)
        .bind(LOOKED_AT)
        .fetch_one(&mut *connection)
        .await?;
    let mut fetched = Fetched {
        events: Vec::new(),
        through: fetch.after,
    };
    if horizon <= after {
        return Ok(fetched);
    }
    let most = fetch.limit.events.max(1);
    let mut budget = Budget::new(fetch.limit);
    let names = fetch.names.as_ref().map(json).transpose()?;
    let mut rows = sqlx::query(FETCH)
        .bind(after)
        .bind(horizon)
        .bind(i64::from(fetch.slots.first))
        .bind(i64::from(fetch.slots.last))
        .bind(names)
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .fetch(connection);
    while let Some(row) = next(&mut rows).await? {
        let envelope = envelope(&row, 1)?;
        if !budget.takes(envelope.payload.len()) {
            return Ok(fetched);
        }
        let place = place(row.try_get(0)?);
        fetched.through = place;
        fetched.events.push(Logged { place, envelope });
    }
    if fetched.events.len() < most {
        fetched.through = place(horizon);
    }
    Ok(fetched)
}

/// Takes the next row of a stream of rows.
async fn next<T, S>(rows: &mut S) -> Result<Option<T>, sqlx::Error>
where
    S: futures_core::Stream<Item = Result<T, sqlx::Error>> + Unpin,
{
    std::future::poll_fn(|context| std::pin::Pin::new(&mut *rows).poll_next(context))
        .await
        .transpose()
}

/// The retries of a partition without their events, in order: the last column is the size of the payload, NULL if the
/// event is neither in the log nor among the dead letters.
const WAITING: &str = "
    SELECT r.position, r.key, r.due_at, coalesce(length(l.payload), length(d.payload))
    FROM eventful_retry r
    JOIN eventful_partition p ON p.id = r.partition
    LEFT JOIN eventful_log l ON l.position = r.position
    LEFT JOIN eventful_dead d ON d.subscription = p.subscription AND d.id = r.event
    WHERE r.partition = ? ORDER BY r.position";

const EVENTS_OF_RETRIES: &str = concat!(
    "SELECT r.position, r.attempts, r.first_attempt_at, r.failures, ",
    envelope_columns!("e"),
    " FROM eventful_retry r
    JOIN eventful_log e ON e.position = r.position
    WHERE r.partition = ?1 AND r.position IN (SELECT value FROM json_each(?2))
    UNION ALL
    SELECT r.position, r.attempts, r.first_attempt_at, r.failures, ",
    envelope_columns!("d"),
    " FROM eventful_retry r
    JOIN eventful_partition p ON p.id = r.partition
    JOIN eventful_dead d ON d.subscription = p.subscription AND d.id = r.event
    WHERE r.partition = ?1 AND r.position IN (SELECT value FROM json_each(?2))
        AND NOT EXISTS (SELECT 1 FROM eventful_log l WHERE l.position = r.position)
    ORDER BY 1"
);

pub(super) async fn due(
    connection: &mut SqliteConnection,
    partition: &Partition,
    limit: Limit,
    now: Timestamp,
) -> Outcome<Due> {
    let row = sqlx::query(
        "SELECT p.id, (SELECT count(*) FROM eventful_retry r WHERE r.partition = p.id)
         FROM eventful_partition p JOIN eventful_subscription s ON s.number = p.subscription
         WHERE s.id = ? AND p.number = ?",
    )
    .bind(&partition.subscription)
    .bind(i64::from(partition.number))
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return Ok(Due::default());
    };
    let (id, outstanding): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let mut due = Due {
        outstanding: usize::try_from(outstanding).unwrap_or(usize::MAX),
        ..Due::default()
    };
    if outstanding > 0 {
        let (positions, next_in) = choose_due(connection, id, limit, now).await?;
        due.next_in = next_in;
        due.rows = read_due(connection, id, &positions, now).await?;
    }
    Ok(due)
}

/// Chooses the retries that may run, and the time until another one may. One that may not run shuts its key.
async fn choose_due(
    connection: &mut SqliteConnection,
    partition: i64,
    limit: Limit,
    now: Timestamp,
) -> Outcome<(Vec<Position>, Option<Duration>)> {
    let mut chosen = Vec::new();
    let mut next_in: Option<Duration> = None;
    let mut shut_keys = BTreeSet::new();
    let mut budget = Budget::new(limit);
    let mut rows = sqlx::query(WAITING).bind(partition).fetch(connection);
    while let Some(row) = next(&mut rows).await? {
        let key: Option<&str> = row.try_get(1)?;
        if key.is_some_and(|key| shut_keys.contains(key)) {
            continue;
        }
        let due_at: Option<i64> = row.try_get(2)?;
        let size: Option<i64> = row.try_get(3)?;
        if let (Some(due_at), Some(size)) = (due_at, size) {
            let wait = until(now, due_at);
            if wait.is_zero() {
                if !budget.takes(usize::try_from(size).unwrap_or(0)) {
                    // The rest is for the next call.
                    return Ok((chosen, Some(Duration::ZERO)));
                }
                chosen.push(Position(row.try_get(0)?));
                continue;
            }
            next_in = Some(next_in.map_or(wait, |next| next.min(wait)));
        }
        if !failpoint::is_broken("each retry by itself") {
            shut_keys.extend(key.map(str::to_owned));
        }
    }
    Ok((chosen, next_in))
}

async fn read_due(
    connection: &mut SqliteConnection,
    partition: i64,
    positions: &[Position],
    now: Timestamp,
) -> Outcome<Vec<DueRetry>> {
    if positions.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query(EVENTS_OF_RETRIES)
        .bind(partition)
        .bind(json(positions)?)
        .fetch_all(connection)
        .await?;
    let mut due = Vec::with_capacity(rows.len());
    for row in &rows {
        let attempts: i64 = row.try_get(1)?;
        let first_attempt_at: Option<i64> = row.try_get(2)?;
        due.push(DueRetry {
            position: Position(row.try_get(0)?),
            envelope: envelope(row, 4)?,
            attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
            tried_for: first_attempt_at
                .map_or(Duration::ZERO, |first| until(timestamp(first), micros(now))),
            failures: failures(row.try_get(3)?)?,
        });
    }
    Ok(due)
}
