//! Leases and notes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use eventful_durable::Timestamp;
use eventful_durable::store::{
    Acquire, Company, Heard, Held, Lease, Outstanding, Partition, Place, Position, Slots, Suspect,
    Verdict,
};
use sqlx::{Row, SqliteConnection};

use super::columns::{later, micros, place, slots};
use crate::failpoint;
use crate::failure::Outcome;
use crate::text::{decoding, json};

/// The lease of a partition is free if it was released or revoked, or has run out, and its subscription is not paused.
const FREE: &str = "
    SELECT p.id, p.subscription, p.first_slot, p.last_slot, p.cursor, p.replayed_through, p.token IS NOT NULL,
        p.cursor = 0 OR EXISTS (SELECT 1 FROM eventful_log l WHERE l.position = p.cursor)
    FROM eventful_partition p JOIN eventful_subscription s ON s.number = p.subscription
    WHERE s.id = ? AND p.number = ? AND NOT s.paused AND (p.token IS NULL OR p.lease_until <= ?)";

/// A partition whose lease is free.
pub(super) struct Free {
    id: i64,
    subscription: i64,
    slots: Slots,
    cursor: i64,
    replayed_through: Option<i64>,
    ended_without_release: bool,
    cursor_is_in_the_log: bool,
}

pub(super) async fn find_free(
    connection: &mut SqliteConnection,
    partition: &Partition,
    now: Timestamp,
) -> Outcome<Option<Free>> {
    let row = sqlx::query(FREE)
        .bind(&partition.subscription)
        .bind(i64::from(partition.number))
        .bind(micros(now))
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    Ok(Some(Free {
        id: row.try_get(0)?,
        subscription: row.try_get(1)?,
        slots: slots(&row, 2)?,
        cursor: row.try_get(4)?,
        replayed_through: row.try_get(5)?,
        ended_without_release: row.try_get(6)?,
        cursor_is_in_the_log: row.try_get(7)?,
    }))
}

/// Takes a lease that is free, in the open transaction.
pub(super) async fn take(
    connection: &mut SqliteConnection,
    acquire: &Acquire,
    mut free: Free,
    now: Timestamp,
) -> Outcome<Lease> {
    let mut set_back_from = None;
    if !free.cursor_is_in_the_log {
        set_back_from = Some(place(free.cursor));
        free.replayed_through = free.replayed_through.max(Some(free.cursor));
        free.cursor = Place::BEGINNING.position.0;
    }
    sqlx::query(
        "UPDATE eventful_partition SET token = ?, worker = ?, lease_until = ?, cursor = ?, replayed_through = ?
         WHERE id = ?",
    )
    .bind(acquire.token.0.to_string())
    .bind(acquire.worker.to_string())
    .bind(later(now, acquire.ttl))
    .bind(free.cursor)
    .bind(free.replayed_through)
    .bind(free.id)
    .execute(&mut *connection)
    .await?;
    failpoint::pass("sqlite: within a takeover");
    sqlx::query(
        "UPDATE eventful_note SET deaths = deaths + (alone AND ?), alone = 0 WHERE partition = ?",
    )
    .bind(free.ended_without_release)
    .bind(free.id)
    .execute(&mut *connection)
    .await?;
    Ok(Lease {
        held: Held {
            partition: acquire.partition.clone(),
            token: acquire.token,
        },
        slots: free.slots,
        cursor: place(free.cursor),
        names: names(connection, free.subscription).await?,
        replayed_through: free.replayed_through.map(Position),
        outstanding: outstanding(connection, free.id).await?,
        done: done(connection, free.id).await?,
        ended_without_release: free.ended_without_release,
        suspects: suspects(connection, free.id).await?,
        set_back_from,
    })
}

pub(super) async fn names(
    connection: &mut SqliteConnection,
    subscription: i64,
) -> Outcome<BTreeMap<String, Heard>> {
    let rows = sqlx::query("SELECT name, since, version FROM eventful_name WHERE subscription = ?")
        .bind(subscription)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            let version: i64 = row.try_get(2)?;
            let heard = Heard {
                since: Position(row.try_get(1)?),
                version: u32::try_from(version).map_err(decoding)?,
            };
            Ok((row.try_get(0)?, heard))
        })
        .collect()
}

async fn outstanding(
    connection: &mut SqliteConnection,
    partition: i64,
) -> Outcome<Vec<Outstanding>> {
    let rows = sqlx::query(
        "SELECT position, key, needs FROM eventful_retry WHERE partition = ? ORDER BY position",
    )
    .bind(partition)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let needs: Option<&str> = row.try_get(2)?;
            Ok(Outstanding {
                position: Position(row.try_get(0)?),
                key: row.try_get(1)?,
                parked: needs
                    .map(serde_json::from_str)
                    .transpose()
                    .map_err(decoding)?,
            })
        })
        .collect()
}

async fn done(connection: &mut SqliteConnection, partition: i64) -> Outcome<BTreeSet<Position>> {
    let positions: Vec<i64> =
        sqlx::query_scalar("SELECT position FROM eventful_done WHERE partition = ?")
            .bind(partition)
            .fetch_all(connection)
            .await?;
    Ok(positions.into_iter().map(Position).collect())
}

async fn suspects(connection: &mut SqliteConnection, partition: i64) -> Outcome<Vec<Suspect>> {
    let rows = sqlx::query(
        "SELECT position, deaths FROM eventful_note WHERE partition = ? ORDER BY position",
    )
    .bind(partition)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let deaths: i64 = row.try_get(1)?;
            Ok(Suspect {
                position: Position(row.try_get(0)?),
                deaths: u32::try_from(deaths).map_err(decoding)?,
            })
        })
        .collect()
}

pub(super) async fn renew(
    connection: &mut SqliteConnection,
    held: &[Held],
    ttl: Duration,
    now: Timestamp,
) -> Outcome<Vec<Held>> {
    let renewed: Vec<String> = sqlx::query_scalar(
        "UPDATE eventful_partition SET lease_until = ? WHERE token IN (SELECT value FROM json_each(?))
         RETURNING token",
    )
    .bind(later(now, ttl))
    .bind(tokens(held)?)
    .fetch_all(connection)
    .await?;
    let is_renewed = |held: &&Held| renewed.contains(&held.token.0.to_string());
    Ok(held.iter().filter(is_renewed).cloned().collect())
}

pub(super) async fn release(connection: &mut SqliteConnection, held: &[Held]) -> Outcome<()> {
    sqlx::query("UPDATE eventful_partition SET token = NULL WHERE token IN (SELECT value FROM json_each(?))")
        .bind(tokens(held)?)
        .execute(connection)
        .await?;
    Ok(())
}

fn tokens(held: &[Held]) -> Outcome<String> {
    let tokens: Vec<_> = held.iter().map(|held| held.token.0.to_string()).collect();
    json(tokens)
}

/// The id of the partition that the token holds.
pub(super) async fn held(connection: &mut SqliteConnection, held: &Held) -> Outcome<Option<i64>> {
    let id = sqlx::query_scalar("SELECT id FROM eventful_partition WHERE token = ?");
    Ok(id
        .bind(held.token.0.to_string())
        .fetch_optional(connection)
        .await?)
}

pub(super) async fn note(
    connection: &mut SqliteConnection,
    lease: &Held,
    positions: &[Position],
    company: Company,
) -> Outcome<Verdict> {
    let Some(partition) = held(connection, lease).await? else {
        return Ok(Verdict::Void);
    };
    sqlx::query(
        "INSERT INTO eventful_note (partition, position, alone) SELECT ?, value, ? FROM json_each(?) WHERE true
         ON CONFLICT DO UPDATE SET alone = excluded.alone",
    )
    .bind(partition)
    .bind(company == Company::Alone)
    .bind(json(positions)?)
    .execute(connection)
    .await?;
    Ok(Verdict::Accepted)
}
