//! Trimming the log, erasing from it, and finding what has no place in it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use eventful_durable::store::{Partition, Position, Trimmed};
use sqlx::Row;

use super::columns::{micros, read_number};
use super::session::Session;
use crate::failure::Outcome;

/// Has trims and replays follow each other: a replay that sets a cursor back finds the events behind it.
pub(super) async fn exclude(session: &mut Session<'_>) -> Outcome<()> {
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended('eventful.trim', 0))";
    session.fetch_one(sqlx::query(lock)).await?;
    Ok(())
}

pub(super) const FORGET_WORDS: &str = "
    DELETE FROM eventful.once WHERE (name, word) IN (
        SELECT name, word FROM eventful.once WHERE said_at < statement_timestamp() - $1 * interval '1 microsecond'
        ORDER BY said_at LIMIT $2)";

/// The partition that needs the oldest event: the one on which its cursor stands, or that of a retry before it. And
/// whether it needs an event that is old, beside the one on which its cursor stands.
pub(super) const LEAST_NEEDED: &str = "
    SELECT s.id, p.number, p.needed,
        EXISTS (SELECT FROM eventful.retry r WHERE r.partition = p.id) OR coalesce((
            SELECT l.appended_at < statement_timestamp() - $1 * interval '1 microsecond'
            FROM (SELECT seq FROM eventful.position WHERE position > p.cursor ORDER BY position LIMIT 1) o
            JOIN eventful.log l USING (seq)), false)
    FROM (
        SELECT id, subscription, number, cursor,
            least(cursor, (SELECT min(position) FROM eventful.retry r WHERE r.partition = part.id)) AS needed
        FROM eventful.partition part) p
    JOIN eventful.subscription s ON s.number = p.subscription
    ORDER BY p.needed LIMIT 1";

/// The oldest events, and whether each is old enough.
pub(super) const OLDEST: &str = "
    SELECT o.position, o.seq, l.appended_at < statement_timestamp() - $1 * interval '1 microsecond',
        o.position = (SELECT position FROM eventful.position ORDER BY position DESC LIMIT 1)
    FROM (SELECT position, seq FROM eventful.position ORDER BY position LIMIT $2) o
    CROSS JOIN LATERAL (SELECT appended_at FROM eventful.log WHERE seq = o.seq OFFSET 0) l
    ORDER BY o.position";

pub(super) const REMOVE_POSITIONS: &str = "DELETE FROM eventful.position WHERE seq = ANY ($1)";
pub(super) const REMOVE_EVENTS: &str = "DELETE FROM eventful.log WHERE seq = ANY ($1)";

/// Trims in the open transaction.
pub(super) async fn trim(
    session: &mut Session<'_>,
    retention: Duration,
    limit: usize,
) -> Outcome<Trimmed> {
    exclude(session).await?;
    let most = i64::try_from(limit).unwrap_or(i64::MAX);
    let age = micros(retention);
    session
        .execute(sqlx::query(FORGET_WORDS).bind(age).bind(most))
        .await?;
    // One snapshot has cursors and retries: an acknowledgement moves what is needed forwards only.
    let needed = session
        .fetch_optional(sqlx::query(LEAST_NEEDED).bind(age))
        .await?;
    let query = sqlx::query(OLDEST).bind(age).bind(most.saturating_add(1));
    let mut trimmed = Trimmed::default();
    let mut gone = Vec::new();
    for row in session.fetch_all(query).await? {
        let (position, seq): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
        let (is_old, is_last): (bool, bool) = (row.try_get(2)?, row.try_get(3)?);
        if !is_old || is_last {
            break;
        }
        if let Some(needed) = &needed
            && position >= needed.try_get::<i64, _>(2)?
        {
            if needed.try_get(3)? {
                let partition = Partition {
                    subscription: needed.try_get(0)?,
                    number: read_number(needed, 1)?,
                };
                trimmed.held_by = Some((partition, Position(needed.try_get(2)?)));
            }
            break;
        }
        if gone.len() == limit {
            break;
        }
        gone.push(seq);
    }
    if !gone.is_empty() {
        trimmed.removed = gone.len() as u64;
        for statement in [REMOVE_POSITIONS, REMOVE_EVENTS] {
            session.execute(sqlx::query(statement).bind(&gone)).await?;
        }
    }
    Ok(trimmed)
}

/// The numbers of the log that one search looks at.
const SEARCHED_AT_ONCE: i64 = 50_000;

/// Gives positions to events that an earlier step should have given one: all that `lo` sees has one. It takes a turn, so
/// that no step is taken at once.
pub(super) const MEND: &str = "
    WITH sequencer AS MATERIALIZED (SELECT lo, turn FROM eventful.sequencer),
    lost AS MATERIALIZED (
        SELECT l.seq FROM eventful.log l WHERE l.seq > $1 AND l.seq <= $2
            AND pg_visible_in_snapshot(l.xid, (SELECT lo FROM sequencer))
            AND NOT EXISTS (SELECT FROM eventful.position o WHERE o.seq = l.seq)),
    moved AS (
        UPDATE eventful.sequencer q SET turn = q.turn + 1, last = q.last + (SELECT count(*) FROM lost)
        FROM sequencer s WHERE q.turn = s.turn AND EXISTS (SELECT FROM lost)
        RETURNING q.last - (SELECT count(*) FROM lost) AS base)
    INSERT INTO eventful.position (position, seq, step)
    SELECT moved.base + row_number() OVER (ORDER BY lost.seq), lost.seq, $3 FROM moved, lost";

/// Gives positions to the events in a range of the log that have none, and should. Returns their number.
pub(super) async fn mend(session: &mut Session<'_>, after: i64, through: i64) -> Outcome<u64> {
    let query = sqlx::query(MEND)
        .bind(after)
        .bind(through)
        .bind(super::sequence::fresh_step());
    Ok(session.execute(query).await?)
}

/// Searches the next part of the log for events without a place. None is there, unless the database was restored in part,
/// or a step had a fault.
pub(super) async fn search(session: &mut Session<'_>, searched: &AtomicI64) -> Outcome<()> {
    if super::sequence::broken::step().is_some() {
        // It would mend what is broken on purpose.
        return Ok(());
    }
    let after = searched.load(Ordering::Relaxed);
    let through = after.saturating_add(SEARCHED_AT_ONCE);
    let found = mend(session, after, through).await?;
    if found > 0 {
        tracing::error!(
            target: "eventful::durable",
            found,
            "events were in the log without a position: they have one now, and are delivered late; was the database \
             restored from a part of a backup?"
        );
    }
    let query = sqlx::query(
        "SELECT coalesce((SELECT min(seq) - 1 FROM eventful.log WHERE seq > $1),
             (SELECT min(seq) - 1 FROM eventful.log), 0)",
    );
    // At the end it begins anew.
    let next: i64 = session.fetch_one(query.bind(through)).await?.try_get(0)?;
    searched.store(next, Ordering::Relaxed);
    Ok(())
}

/// Empties every event of a key.
pub(super) async fn erase(session: &mut Session<'_>, key: &str) -> Outcome<u64> {
    let mut erased = 0;
    for statement in [
        // No index has the key, which would cost each publish: the log is read.
        "UPDATE eventful.log SET payload = '' WHERE key = $1",
        "UPDATE eventful.scheduled SET payload = '' WHERE key = $1",
        "UPDATE eventful.dead SET payload = '', failures = '[]' WHERE key = $1",
    ] {
        erased += session.execute(sqlx::query(statement).bind(key)).await?;
    }
    let query = sqlx::query("UPDATE eventful.retry SET failures = '[]' WHERE key = $1");
    session.execute(query.bind(key)).await?;
    Ok(erased)
}
