//! Events on their way to a worker.

use std::time::Duration;

use eventful_durable::store::{Advanced, Budget, Fetch, Fetched, Logged, Place, StoreError};
use sqlx::Row;

use super::columns::{envelope, envelope_columns, place, time};
use super::sequence;
use super::session::Session;
use crate::failpoint;
use crate::failure::Outcome;

/// The most positions that one fetch looks at. One that finds few events of its names does not read the log to its end.
const LOOKED_AT: i64 = 10_000;
/// The most scheduled events that are appended in one step.
const MOVED_AT_ONCE: i64 = 500;

macro_rules! append_due {
    ($lock:literal) => {
        concat!(
            "WITH due AS MATERIALIZED (
        SELECT number FROM eventful.scheduled WHERE due_at <= statement_timestamp()
        ORDER BY due_at, number LIMIT $1 ",
            $lock,
            "),
    moved AS (DELETE FROM eventful.scheduled s USING due WHERE s.number = due.number RETURNING s.*)
    INSERT INTO eventful.log (",
            envelope_columns!(),
            ") SELECT ",
            envelope_columns!(),
            " FROM moved ORDER BY due_at, number"
        )
    };
}

/// Appends scheduled events that are due. Of two workers at once, the second one waits for the first, so that events of
/// a key are appended in their order.
pub(super) const APPEND_DUE: &str = append_due!("FOR UPDATE");
/// A fault, to see that it is found.
const APPEND_UNLOCKED: &str = append_due!("FOR UPDATE SKIP LOCKED");

/// Appends what is due, and gives positions to what is new. On a connection whose commits a crash of the server may take
/// back: then the steps are taken again, and an acknowledgement that is on the disk has its steps there, too.
pub(super) async fn advance(session: &mut Session<'_>) -> Outcome<Advanced> {
    let mut seen = sequence::look(session).await?;
    let is_due = seen.next_scheduled_in.is_some_and(|micros| micros <= 0);
    if is_due {
        let append = if failpoint::is_broken("postgres: skip locked") {
            APPEND_UNLOCKED
        } else {
            APPEND_DUE
        };
        session
            .execute(sqlx::query(append).bind(MOVED_AT_ONCE))
            .await?;
        seen = sequence::look(session).await?;
    }
    if seen.has_work() {
        seen.step(session).await?;
        seen = sequence::look(session).await?;
    }
    Ok(Advanced {
        end: seen.end,
        next_scheduled_in: if seen.has_work() {
            Some(Duration::ZERO)
        } else {
            seen.next_scheduled_in.map(time)
        },
        now: seen.now,
    })
}

/// The place up to which a fetch looks, the step of the position behind which it begins, and the events. The order
/// within and the `OFFSET 0` keep the planner to a walk along the positions that takes each event from the log by its
/// number.
pub(super) const FETCH: &str = concat!(
    "SELECT horizon.position, horizon.step, (SELECT step FROM eventful.position WHERE position = $1), e.*
    FROM (SELECT position, step FROM eventful.position
        WHERE position <= greatest($1, (SELECT position - 1 FROM eventful.position ORDER BY position LIMIT 1)) + $2
        ORDER BY position DESC LIMIT 1) AS horizon
    LEFT JOIN LATERAL (
        SELECT o.position AS at, o.step AS given_by, l.*
        FROM (SELECT position, step, seq FROM eventful.position
            WHERE position > $1 AND position <= horizon.position ORDER BY position OFFSET 0) o
        CROSS JOIN LATERAL (SELECT ",
    envelope_columns!(),
    " FROM eventful.log WHERE seq = o.seq OFFSET 0) l
        WHERE l.slot BETWEEN $3 AND $4 AND ($5::text[] IS NULL OR l.name = ANY ($5))
        ORDER BY o.position LIMIT $6) e ON true
    ORDER BY e.at"
);

pub(super) async fn fetch(session: &mut Session<'_>, fetch: &Fetch) -> Outcome<Fetched> {
    let after = fetch.after.position.0;
    let most = fetch.limit.events.max(1);
    let names = fetch
        .names
        .as_ref()
        .map(|names| names.iter().cloned().collect::<Vec<_>>());
    let query = sqlx::query(FETCH)
        .bind(after)
        .bind(LOOKED_AT)
        .bind(i16::from(fetch.slots.first))
        .bind(i16::from(fetch.slots.last))
        .bind(names)
        .bind(i64::try_from(most).unwrap_or(i64::MAX));
    let rows = session.fetch_all(query).await?;
    let mut fetched = Fetched {
        events: Vec::with_capacity(rows.len()),
        through: fetch.after,
    };
    let Some(first) = rows.first() else {
        require_place(fetch.after, None, None)?;
        return Ok(fetched);
    };
    let horizon = place(first, 0)?;
    require_place(fetch.after, Some(horizon), first.try_get(2)?)?;
    if horizon.position <= fetch.after.position {
        return Ok(fetched);
    }
    let mut budget = Budget::new(fetch.limit);
    for row in &rows {
        if row.try_get::<Option<i64>, _>(3)?.is_none() {
            // The horizon alone.
            break;
        }
        let envelope = envelope(row, 5)?;
        if !budget.takes(envelope.payload.len()) {
            return Ok(fetched);
        }
        let place = place(row, 3)?;
        fetched.through = place;
        fetched.events.push(Logged { place, envelope });
    }
    if fetched.events.len() < most {
        fetched.through = horizon;
    }
    Ok(fetched)
}

/// Fails if the log has another event at this place, or ends before it. The position was given a second time then, and
/// so were those before it that the copy lacked: to read behind it would pass them over. One that was trimmed is not
/// gone.
fn require_place(
    after: Place,
    horizon: Option<Place>,
    step: Option<i64>,
) -> Result<(), StoreError> {
    let is_compared = after.step != 0;
    let is_there = horizon.is_some_and(|horizon| horizon.position >= after.position);
    if is_compared && (!is_there || step.is_some_and(|step| step != after.step)) {
        return Err(StoreError::failed(format!(
            "the log has lost position {}, after a failover to a copy that lagged: it is read again from the last one \
             that is there",
            after.position.0
        )));
    }
    Ok(())
}
