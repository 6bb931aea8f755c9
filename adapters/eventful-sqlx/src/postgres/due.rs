//! Retries that may run.

use std::collections::BTreeSet;
use std::time::Duration;

use eventful_durable::store::{Budget, Due, DueRetry, Limit, Partition, Position};
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::columns::{envelope, envelope_columns, positions, read_number, time};
use super::session::Session;
use crate::failpoint;
use crate::failure::Outcome;
use crate::text::failures;

/// The retries of a partition without their events, in order. Each is compared with the instant of the statement, or a
/// row could overtake an earlier one of its key that was not due a moment before. The last column is the size of the
/// payload, NULL if the event is neither in the log nor among the dead letters.
pub(super) const WAITING: &str = "
    SELECT r.partition, r.position, r.key, (extract(epoch FROM r.due_at - statement_timestamp()) * 1000000)::bigint,
        coalesce(l.size, octet_length(d.payload))
    FROM eventful.subscription s
    JOIN eventful.partition p ON p.subscription = s.number
    JOIN eventful.retry r ON r.partition = p.id
    LEFT JOIN LATERAL (SELECT octet_length(payload) AS size FROM eventful.position JOIN eventful.log USING (seq)
        WHERE position = r.position OFFSET 0) l ON true
    LEFT JOIN LATERAL (SELECT payload FROM eventful.dead
        WHERE l.size IS NULL AND subscription = s.number AND id = r.event OFFSET 0) d ON true
    WHERE s.id = $1 AND p.number = $2 ORDER BY r.position";

pub(super) const EVENTS_OF_RETRIES: &str = concat!(
    "SELECT r.position, r.attempts, (extract(epoch FROM statement_timestamp() - r.first_attempt_at) * 1000000)::bigint,
        r.failures, e.*
    FROM eventful.retry r
    CROSS JOIN LATERAL (
        SELECT ",
    envelope_columns!(),
    " FROM eventful.position JOIN eventful.log USING (seq) WHERE position = r.position
        UNION ALL (SELECT ",
    envelope_columns!("d"),
    " FROM eventful.partition p JOIN eventful.dead d USING (subscription) WHERE p.id = r.partition AND d.id = r.event)
        LIMIT 1) e
    WHERE r.partition = $1 AND r.position = ANY ($2) ORDER BY r.position"
);

pub(super) async fn due(
    session: &mut Session<'_>,
    partition: &Partition,
    limit: Limit,
) -> Outcome<Due> {
    let query = sqlx::query(WAITING)
        .bind(&partition.subscription)
        .bind(i32::try_from(partition.number).unwrap_or(i32::MAX));
    let waiting = session.fetch_all(query).await?;
    let mut due = Due {
        outstanding: waiting.len(),
        ..Due::default()
    };
    let Some(first) = waiting.first() else {
        return Ok(due);
    };
    let (chosen, next_in) = choose(&waiting, limit)?;
    due.next_in = next_in;
    if !chosen.is_empty() {
        due.rows = read(session, first.try_get(0)?, &chosen).await?;
    }
    Ok(due)
}

/// Chooses the retries that may run, and the time until another one may. One that may not run shuts its key.
fn choose(waiting: &[PgRow], limit: Limit) -> Outcome<(Vec<Position>, Option<Duration>)> {
    let mut chosen = Vec::new();
    let mut next_in: Option<Duration> = None;
    let mut shut_keys = BTreeSet::new();
    let mut budget = Budget::new(limit);
    for row in waiting {
        let key: Option<&str> = row.try_get(2)?;
        if key.is_some_and(|key| shut_keys.contains(key)) {
            continue;
        }
        let wait: Option<i64> = row.try_get(3)?;
        let size: Option<i32> = row.try_get(4)?;
        if let (Some(wait), Some(size)) = (wait, size) {
            if wait <= 0 {
                if !budget.takes(usize::try_from(size).unwrap_or(0)) {
                    // The rest is for the next call.
                    return Ok((chosen, Some(Duration::ZERO)));
                }
                chosen.push(Position(row.try_get(1)?));
                continue;
            }
            let wait = time(wait);
            next_in = Some(next_in.map_or(wait, |next| next.min(wait)));
        }
        if !failpoint::is_broken("each retry by itself") {
            shut_keys.extend(key);
        }
    }
    Ok((chosen, next_in))
}

async fn read(
    session: &mut Session<'_>,
    partition: i64,
    chosen: &[Position],
) -> Outcome<Vec<DueRetry>> {
    let query = sqlx::query(EVENTS_OF_RETRIES)
        .bind(partition)
        .bind(positions(chosen));
    let rows = session.fetch_all(query).await?;
    let retry = |row: &PgRow| {
        let tried_for: Option<i64> = row.try_get(2)?;
        Ok(DueRetry {
            position: Position(row.try_get(0)?),
            envelope: envelope(row, 4)?,
            attempts: read_number(row, 1)?,
            tried_for: tried_for.map_or(Duration::ZERO, time),
            failures: failures(row.try_get(3)?)?,
        })
    };
    rows.iter().map(retry).collect()
}
