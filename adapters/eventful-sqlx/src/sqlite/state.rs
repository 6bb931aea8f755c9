//! The state of subscriptions.

use eventful_durable::Timestamp;
use eventful_durable::store::{Partition, PartitionState, Position, SubscriptionState};
use sqlx::{Row, SqliteConnection};

use super::columns::{micros, place, slots, timestamp, until};
use super::lease::names;
use crate::failure::Outcome;
use crate::text::decoding;

const SUBSCRIPTIONS: &str = "
    SELECT s.number, s.id, s.paused, s.replay, s.registered_at,
        (SELECT count(*) FROM eventful_dead d WHERE d.subscription = s.number)
    FROM eventful_subscription s ORDER BY s.id";

/// The lag is a subtraction: positions have no gaps behind the first event of the log.
const PARTITIONS: &str = "
    SELECT p.number, p.first_slot, p.last_slot, p.cursor, p.replayed_through, p.handled, p.failing,
        CASE WHEN p.token IS NOT NULL AND p.lease_until > ?2 THEN p.worker END, p.lease_until,
        max(log.last - max(p.cursor, log.first - 1), 0),
        (SELECT appended_at FROM eventful_log l WHERE l.position > p.cursor ORDER BY l.position LIMIT 1),
        (SELECT count(*) FROM eventful_retry r WHERE r.partition = p.id),
        (SELECT count(*) FROM eventful_retry r WHERE r.partition = p.id AND r.needs IS NOT NULL)
    FROM eventful_partition p,
        (SELECT (SELECT coalesce(min(position), 1) FROM eventful_log) AS first,
            (SELECT coalesce(max(position), 0) FROM eventful_log) AS last) AS log
    WHERE p.subscription = ?1 ORDER BY p.number";

pub(super) async fn subscriptions(
    connection: &mut SqliteConnection,
    now: Timestamp,
) -> Outcome<Vec<SubscriptionState>> {
    let rows = sqlx::query(SUBSCRIPTIONS)
        .fetch_all(&mut *connection)
        .await?;
    let mut states = Vec::with_capacity(rows.len());
    for row in rows {
        let number: i64 = row.try_get(0)?;
        let id: String = row.try_get(1)?;
        states.push(SubscriptionState {
            names: names(connection, number).await?,
            paused: row.try_get(2)?,
            replay: row.try_get(3)?,
            registered_at: timestamp(row.try_get(4)?),
            dead: count(&row, 5)?,
            partitions: partitions(connection, number, &id, now).await?,
            id,
        });
    }
    Ok(states)
}

async fn partitions(
    connection: &mut SqliteConnection,
    subscription: i64,
    id: &str,
    now: Timestamp,
) -> Outcome<Vec<PartitionState>> {
    let rows = sqlx::query(PARTITIONS)
        .bind(subscription)
        .bind(micros(now))
        .fetch_all(connection)
        .await?;
    let mut states = Vec::with_capacity(rows.len());
    for row in &rows {
        let number: i64 = row.try_get(0)?;
        let replayed_through: Option<i64> = row.try_get(4)?;
        let owner: Option<&str> = row.try_get(7)?;
        let lease_until: Option<i64> = row.try_get(8)?;
        let oldest: Option<i64> = row.try_get(10)?;
        states.push(PartitionState {
            partition: Partition {
                subscription: id.to_owned(),
                number: u32::try_from(number).map_err(decoding)?,
            },
            slots: slots(row, 1)?,
            cursor: place(row.try_get(3)?),
            replayed_through: replayed_through.map(Position),
            owner: owner.map(str::parse).transpose().map_err(decoding)?,
            leased_for: owner.and(lease_until).map(|instant| until(now, instant)),
            lag: count(row, 9)?,
            oldest: oldest.map(|appended_at| until(timestamp(appended_at), micros(now))),
            retries: count(row, 11)?,
            parked: count(row, 12)?,
            handled: count(row, 5)?,
            failing: row.try_get(6)?,
        });
    }
    Ok(states)
}

fn count(row: &sqlx::sqlite::SqliteRow, column: usize) -> Outcome<u64> {
    let count: i64 = row.try_get(column)?;
    Ok(u64::try_from(count).map_err(decoding)?)
}
