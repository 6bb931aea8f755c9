//! The state of subscriptions.

use eventful_durable::store::{Partition, PartitionState, Position, SubscriptionState};
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::columns::{count, instant, place, read_number, slots, time};
use super::lease::names;
use super::session::Session;
use crate::failure::Outcome;

pub(super) const SUBSCRIPTIONS: &str = "
    SELECT s.number, s.id, s.paused, s.replay, s.registered_at,
        (SELECT count(*) FROM eventful.dead d WHERE d.subscription = s.number)
    FROM eventful.subscription s ORDER BY s.id COLLATE \"C\"";

/// The lag is a subtraction: positions have no gaps behind the first event of the log.
pub(super) const PARTITIONS: &str = "
    SELECT p.number, p.first_slot, p.last_slot, p.cursor, p.step, p.replayed_through, p.handled, p.failing,
        CASE WHEN l.token IS NOT NULL AND p.lease_until > statement_timestamp() THEN l.worker END,
        CASE WHEN isfinite(p.lease_until)
            THEN (extract(epoch FROM p.lease_until - statement_timestamp()) * 1000000)::bigint END,
        greatest(q.last - greatest(p.cursor, first.position - 1), 0),
        (extract(epoch FROM statement_timestamp() - oldest.appended_at) * 1000000)::bigint,
        (SELECT count(*) FROM eventful.retry r WHERE r.partition = p.id),
        (SELECT count(*) FROM eventful.retry r WHERE r.partition = p.id AND r.needs IS NOT NULL)
    FROM eventful.partition p
    JOIN eventful.lease l ON l.partition = p.id
    CROSS JOIN eventful.sequencer q
    LEFT JOIN (SELECT position FROM eventful.position ORDER BY position LIMIT 1) first ON true
    LEFT JOIN LATERAL (
        SELECT (SELECT appended_at FROM eventful.log WHERE seq = o.seq) AS appended_at FROM eventful.position o
        WHERE o.position > p.cursor ORDER BY o.position LIMIT 1) oldest ON true
    WHERE p.subscription = $1 ORDER BY p.number";

pub(super) async fn subscriptions(session: &mut Session<'_>) -> Outcome<Vec<SubscriptionState>> {
    let rows = session.fetch_all(sqlx::query(SUBSCRIPTIONS)).await?;
    let mut states = Vec::with_capacity(rows.len());
    for row in rows {
        let number: i64 = row.try_get(0)?;
        let id: String = row.try_get(1)?;
        states.push(SubscriptionState {
            names: names(session, number).await?,
            paused: row.try_get(2)?,
            replay: row.try_get(3)?,
            registered_at: instant(&row, 4)?,
            dead: count(&row, 5)?,
            partitions: partitions(session, number, &id).await?,
            id,
        });
    }
    Ok(states)
}

async fn partitions(
    session: &mut Session<'_>,
    subscription: i64,
    id: &str,
) -> Outcome<Vec<PartitionState>> {
    let rows = session
        .fetch_all(sqlx::query(PARTITIONS).bind(subscription))
        .await?;
    rows.iter().map(|row| partition(row, id)).collect()
}

fn partition(row: &PgRow, id: &str) -> Outcome<PartitionState> {
    let replayed_through: Option<i64> = row.try_get(5)?;
    let owner: Option<uuid::Uuid> = row.try_get(8)?;
    let leased_for: Option<i64> = row.try_get(9)?;
    let oldest: Option<i64> = row.try_get(11)?;
    Ok(PartitionState {
        partition: Partition {
            subscription: id.to_owned(),
            number: read_number(row, 0)?,
        },
        slots: slots(row, 1)?,
        cursor: place(row, 3)?,
        replayed_through: replayed_through.map(Position),
        owner,
        leased_for: owner.and(leased_for).map(time),
        lag: count(row, 10)?,
        oldest: oldest.map(time),
        retries: count(row, 12)?,
        parked: count(row, 13)?,
        handled: count(row, 6)?,
        failing: row.try_get(7)?,
    })
}
