//! Leases and notes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use eventful_durable::store::{
    Acquire, Company, Heard, Held, Lease, Outstanding, Partition, Position, Suspect, Verdict,
};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::columns::{micros, place, positions, read_number, slots};
use super::session::Session;
use crate::failure::Outcome;
use crate::text::decoding;

/// The partitions whose lease is free: it was released or revoked, or has run out, and the subscription is not paused.
macro_rules! free {
    () => {
        "SELECT p.id, p.cursor, p.step, l.token,
            (p.cursor = 0 AND p.step = 0)
                OR EXISTS (SELECT FROM eventful.position o WHERE o.position = p.cursor AND o.step = p.step) AS is_there
        FROM eventful.subscription s
        JOIN eventful.partition p ON p.subscription = s.number
        JOIN eventful.lease l ON l.partition = p.id
        WHERE s.id = $1 AND p.number = $2 AND NOT s.paused
            AND (l.token IS NULL OR p.lease_until <= statement_timestamp())"
    };
}

/// Takes a lease. Of two workers that find it free, the second one finds another token. A cursor whose place is not in
/// the log goes back to the beginning, unless the lease before has moved it meanwhile.
pub(super) const TAKE: &str = concat!(
    "WITH free AS MATERIALIZED (",
    free!(),
    "),
    taken AS (
        UPDATE eventful.lease l SET token = $3, worker = $4 FROM free
        WHERE l.partition = free.id AND l.token IS NOT DISTINCT FROM free.token
        RETURNING free.*),
    led AS (
        UPDATE eventful.partition p SET lease_until = statement_timestamp() + $5 * interval '1 microsecond',
            replayed_through = CASE WHEN t.is_there OR p.cursor <> t.cursor THEN p.replayed_through
                ELSE greatest(p.replayed_through, p.cursor) END,
            cursor = CASE WHEN t.is_there OR p.cursor <> t.cursor THEN p.cursor ELSE 0 END,
            step = CASE WHEN t.is_there OR p.cursor <> t.cursor THEN p.step ELSE 0 END
        FROM taken t WHERE p.id = t.id
        RETURNING p.id, p.subscription, p.first_slot, p.last_slot, p.cursor, p.step, p.replayed_through,
            t.token IS NOT NULL, NOT t.is_there AND p.cursor = 0, t.cursor, t.step),
    noted AS (
        UPDATE eventful.note n SET deaths = deaths + (n.alone AND t.token IS NOT NULL)::integer, alone = false
        FROM taken t WHERE n.partition = t.id)
    SELECT * FROM led"
);

pub(super) const IS_FREE: &str = concat!("SELECT EXISTS (", free!(), ")");

/// Returns true if there is a lease to take: it looks before it locks.
pub(super) async fn is_free(session: &mut Session<'_>, partition: &Partition) -> Outcome<bool> {
    let query = sqlx::query(IS_FREE)
        .bind(&partition.subscription)
        .bind(part_number(partition));
    Ok(session.fetch_one(query).await?.try_get(0)?)
}

fn part_number(partition: &Partition) -> i32 {
    i32::try_from(partition.number).unwrap_or(i32::MAX)
}

/// Takes a lease, if it is free, and reads what the partition was left with.
pub(super) async fn take(session: &mut Session<'_>, acquire: &Acquire) -> Outcome<Option<Lease>> {
    let query = sqlx::query(TAKE)
        .bind(&acquire.partition.subscription)
        .bind(part_number(&acquire.partition))
        .bind(acquire.token.0)
        .bind(acquire.worker)
        .bind(micros(acquire.ttl));
    let Some(row) = session.fetch_optional(query).await? else {
        return Ok(None);
    };
    let (id, subscription): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let replayed_through: Option<i64> = row.try_get(6)?;
    let is_set_back: bool = row.try_get(8)?;
    // Only now: what was committed under the token before is seen, and nothing more can be.
    Ok(Some(Lease {
        held: Held {
            partition: acquire.partition.clone(),
            token: acquire.token,
        },
        slots: slots(&row, 2)?,
        cursor: place(&row, 4)?,
        names: names(session, subscription).await?,
        replayed_through: replayed_through.map(Position),
        outstanding: outstanding(session, id).await?,
        done: done(session, id).await?,
        ended_without_release: row.try_get(7)?,
        suspects: suspects(session, id).await?,
        set_back_from: is_set_back.then(|| place(&row, 9)).transpose()?,
    }))
}

pub(super) async fn names(
    session: &mut Session<'_>,
    subscription: i64,
) -> Outcome<BTreeMap<String, Heard>> {
    let query =
        sqlx::query("SELECT name, since, version FROM eventful.name WHERE subscription = $1");
    let rows = session.fetch_all(query.bind(subscription)).await?;
    rows.iter()
        .map(|row| {
            let heard = Heard {
                since: Position(row.try_get(1)?),
                version: read_number(row, 2)?,
            };
            Ok((row.try_get(0)?, heard))
        })
        .collect()
}

async fn outstanding(session: &mut Session<'_>, partition: i64) -> Outcome<Vec<Outstanding>> {
    let query = sqlx::query(
        "SELECT position, key, needs FROM eventful.retry WHERE partition = $1 ORDER BY position",
    );
    let rows = session.fetch_all(query.bind(partition)).await?;
    rows.iter()
        .map(|row| {
            let needs: Option<&str> = row.try_get(2)?;
            let needs = needs.map(serde_json::from_str).transpose();
            Ok(Outstanding {
                position: Position(row.try_get(0)?),
                key: row.try_get(1)?,
                parked: needs.map_err(decoding)?,
            })
        })
        .collect()
}

async fn done(session: &mut Session<'_>, partition: i64) -> Outcome<BTreeSet<Position>> {
    let query = sqlx::query("SELECT position FROM eventful.done WHERE partition = $1");
    let rows = session.fetch_all(query.bind(partition)).await?;
    let position = |row: &PgRow| Ok(Position(row.try_get(0)?));
    rows.iter().map(position).collect()
}

async fn suspects(session: &mut Session<'_>, partition: i64) -> Outcome<Vec<Suspect>> {
    let query = sqlx::query(
        "SELECT position, deaths FROM eventful.note WHERE partition = $1 ORDER BY position",
    );
    let rows = session.fetch_all(query.bind(partition)).await?;
    rows.iter()
        .map(|row| {
            Ok(Suspect {
                position: Position(row.try_get(0)?),
                deaths: read_number(row, 1)?,
            })
        })
        .collect()
}

/// The lock is shared with the transactions of handlers, and keeps a takeover waiting.
pub(super) const RENEW: &str = "
    WITH held AS MATERIALIZED (SELECT partition, token FROM eventful.lease WHERE token = ANY ($1) FOR SHARE)
    UPDATE eventful.partition p SET lease_until = statement_timestamp() + $2 * interval '1 microsecond'
    FROM held WHERE p.id = held.partition RETURNING held.token";

pub(super) async fn renew(
    session: &mut Session<'_>,
    held: &[Held],
    ttl: Duration,
) -> Outcome<Vec<Held>> {
    let query = sqlx::query(RENEW).bind(tokens(held)).bind(micros(ttl));
    let rows = session.fetch_all(query).await?;
    let renewed = rows
        .iter()
        .map(|row| row.try_get(0))
        .collect::<Result<BTreeSet<Uuid>, _>>()?;
    let is_renewed = |held: &&Held| renewed.contains(&held.token.0);
    Ok(held.iter().filter(is_renewed).cloned().collect())
}

pub(super) async fn release(session: &mut Session<'_>, held: &[Held]) -> Outcome<()> {
    let query = sqlx::query("UPDATE eventful.lease SET token = NULL WHERE token = ANY ($1)");
    session.execute(query.bind(tokens(held))).await?;
    Ok(())
}

fn tokens(held: &[Held]) -> Vec<Uuid> {
    held.iter().map(|held| held.token.0).collect()
}

pub(super) const NOTE: &str = "
    WITH held AS MATERIALIZED (SELECT partition FROM eventful.lease WHERE token = $1 FOR SHARE),
    noted AS (
        INSERT INTO eventful.note (partition, position, alone)
        SELECT held.partition, position, $3 FROM held, unnest($2) AS position
        ON CONFLICT (partition, position) DO UPDATE SET alone = excluded.alone)
    SELECT EXISTS (SELECT FROM held)";

pub(super) async fn note(
    session: &mut Session<'_>,
    lease: &Held,
    noted: &[Position],
    company: Company,
) -> Outcome<Verdict> {
    let query = sqlx::query(NOTE)
        .bind(lease.token.0)
        .bind(positions(noted))
        .bind(company == Company::Alone);
    let is_held = session.fetch_one(query).await?.try_get(0)?;
    Ok(if is_held {
        Verdict::Accepted
    } else {
        Verdict::Void
    })
}
