//! Dead letters.

use eventful_durable::store::{DeadFilter, DeadLetter, Position};
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::columns::{Instant, Query, count, envelope, envelope_columns, instant, read_number};
use super::session::Session;
use crate::failure::Outcome;
use crate::text::failures;

/// The dead letters that fit a filter, in their order. What is NULL fits everything. [`bind`] binds it.
macro_rules! chosen {
    ($columns:expr) => {
        concat!(
            "SELECT ",
            $columns,
            " FROM eventful.dead d JOIN eventful.subscription s ON s.number = d.subscription
              WHERE ($1::text IS NULL OR s.id = $1) AND ($2::uuid IS NULL OR d.id = $2)
                AND ($3::text IS NULL OR d.name = $3) AND ($4::text IS NULL OR d.key = $4)
                AND ($5::timestamptz IS NULL OR d.died_at >= $5) AND ($6::timestamptz IS NULL OR d.died_at < $6)
                AND ($7::timestamptz IS NULL OR (d.died_at, s.id COLLATE \"C\", d.id) > ($7, $8::text, $9::uuid))
              ORDER BY d.died_at, s.id COLLATE \"C\", d.id LIMIT $10"
        )
    };
}

fn bind<'q>(query: Query<'q>, filter: &'q DeadFilter) -> Query<'q> {
    let after = filter.after.as_ref();
    let limit = filter
        .limit
        .map(|limit| i64::try_from(limit).unwrap_or(i64::MAX));
    query
        .bind(&filter.subscription)
        .bind(filter.event)
        .bind(&filter.name)
        .bind(&filter.key)
        .bind(filter.died_from.map(Instant))
        .bind(filter.died_before.map(Instant))
        .bind(after.map(|after| Instant(after.0)))
        .bind(after.map(|after| after.1.as_str()))
        .bind(after.map(|after| after.2))
        .bind(limit)
}

pub(super) async fn dead_letters(
    session: &mut Session<'_>,
    filter: &DeadFilter,
) -> Outcome<Vec<DeadLetter>> {
    let query = sqlx::query(chosen!(concat!(
        "s.id, d.position, d.attempts, d.failures, d.reason, d.died_at, d.retried, ",
        envelope_columns!("d")
    )));
    let rows = session.fetch_all(bind(query, filter)).await?;
    let letter = |row: &PgRow| {
        Ok(DeadLetter {
            subscription: row.try_get(0)?,
            position: Position(row.try_get(1)?),
            attempts: read_number(row, 2)?,
            failures: failures(row.try_get(3)?)?,
            reason: row.try_get(4)?,
            died_at: instant(row, 5)?,
            is_retried: row.try_get(6)?,
            envelope: envelope(row, 7)?,
        })
    };
    rows.iter().map(letter).collect()
}

/// The chosen dead letters with the partition that has their slot now, and the retry that stands for each, if one does.
macro_rules! with_partition {
    () => {
        concat!(
            "WITH chosen AS MATERIALIZED (",
            chosen!("d.*"),
            "),
            placed AS MATERIALIZED (
                SELECT c.*, p.id AS part, r.event AS waiting, r.due_at IS NULL AND r.needs IS NULL AS is_stopped
                FROM chosen c
                JOIN eventful.partition p
                    ON p.subscription = c.subscription AND c.slot BETWEEN p.first_slot AND p.last_slot
                LEFT JOIN eventful.retry r ON r.partition = p.id AND r.position = c.position)"
        )
    };
}

/// A retry that is waiting is left alone: only a stopped one begins anew.
const RETRY: &str = concat!(
    with_partition!(),
    ",
    marked AS (
        UPDATE eventful.dead d SET retried = true FROM chosen c WHERE d.subscription = c.subscription AND d.id = c.id),
    fresh AS MATERIALIZED (SELECT * FROM placed WHERE waiting IS NULL OR is_stopped),
    undone AS (
        DELETE FROM eventful.done o USING fresh f WHERE o.partition = f.part AND o.position = f.position),
    written AS (
        INSERT INTO eventful.retry (partition, position, event, name, key, slot, attempts, due_at, failures)
        SELECT part, position, id, name, key, slot, 0, statement_timestamp(), failures FROM fresh
        ON CONFLICT (partition, position) DO UPDATE SET event = excluded.event, name = excluded.name,
            key = excluded.key, slot = excluded.slot, attempts = 0, first_attempt_at = NULL, due_at = excluded.due_at,
            needs = NULL, failures = excluded.failures)
    SELECT count(*) FROM chosen"
);

pub(super) async fn retry(session: &mut Session<'_>, filter: &DeadFilter) -> Outcome<u64> {
    let query = bind(sqlx::query(RETRY), filter);
    count(&session.fetch_one(query).await?, 0)
}

/// A worker learns that a stopped key is open when it takes the lease anew.
const DISCARD: &str = concat!(
    with_partition!(),
    ",
    revoked AS (
        UPDATE eventful.lease SET token = NULL
        WHERE partition IN (SELECT part FROM placed WHERE waiting = id AND is_stopped)),
    removed AS (
        DELETE FROM eventful.retry r USING placed c
        WHERE r.partition = c.part AND r.position = c.position AND r.event = c.id),
    discarded AS (
        DELETE FROM eventful.dead d USING chosen c WHERE d.subscription = c.subscription AND d.id = c.id)
    SELECT count(*) FROM chosen"
);

pub(super) async fn discard(session: &mut Session<'_>, filter: &DeadFilter) -> Outcome<u64> {
    let query = bind(sqlx::query(DISCARD), filter);
    count(&session.fetch_one(query).await?, 0)
}
