//! Acknowledgements: each is one statement, so that a worker that is stopped keeps nobody waiting.

use eventful_durable::store::{Acknowledgement, Partition, Verdict};
use sqlx::Row;
use uuid::Uuid;

use super::columns::{Query, positions};
use super::session::Session;
use super::settle::{AppendRow, DeadRow, RetryRow, SETTLE};
use crate::failpoint::is_broken;
use crate::failure::Outcome;
use crate::text::json;

/// The guard, and the cursor: one row if the token holds, the cursor stands where it should, and both places are in the
/// log. The lock on the lease keeps a takeover waiting, or has this wait for one and see the new token.
macro_rules! moved {
    () => {
        "held AS MATERIALIZED (SELECT partition FROM eventful.lease WHERE token = $1 FOR SHARE),
    moved AS (
        UPDATE eventful.partition p SET cursor = $4, step = $5, handled = handled + $6, failing = $7
        FROM held WHERE p.id = held.partition AND p.cursor = $2 AND p.step = $3
            AND (($2 = 0 AND $3 = 0)
                OR EXISTS (SELECT FROM eventful.position o WHERE o.position = $2 AND o.step = $3))
            AND (($4 = $2 AND $5 = $3)
                OR EXISTS (SELECT FROM eventful.position o WHERE o.position = $4 AND o.step = $5))
        RETURNING p.id, p.subscription)"
    };
}
pub(super) use moved;

/// The common case: all events were handled, and leave nothing but a cursor.
pub(super) const MOVE: &str = concat!(
    "WITH ",
    moved!(),
    ",
    forgotten AS (
        DELETE FROM eventful.done d USING moved m WHERE d.partition = m.id AND d.position <= $4
            AND NOT EXISTS (SELECT FROM eventful.retry r WHERE r.partition = m.id AND r.position = d.position))
    SELECT EXISTS (SELECT FROM moved)"
);

pub(super) async fn acknowledge(
    session: &mut Session<'_>,
    ack: &Acknowledgement,
) -> Outcome<Verdict> {
    let token = if is_broken("acknowledgements without a token") {
        token_now(session, ack).await?
    } else {
        ack.held.token.0
    };
    let query = if leaves_only_a_cursor(ack) {
        bind_move(sqlx::query(MOVE), token, ack)
    } else {
        bind_move(sqlx::query(SETTLE), token, ack)
            .bind(json(
                ack.retries
                    .iter()
                    .map(RetryRow::of)
                    .collect::<Outcome<Vec<_>>>()?,
            )?)
            .bind(json(
                ack.dead
                    .iter()
                    .map(DeadRow::of)
                    .collect::<Outcome<Vec<_>>>()?,
            )?)
            .bind(json(
                ack.append
                    .iter()
                    .map(AppendRow::of)
                    .collect::<Outcome<Vec<_>>>()?,
            )?)
            .bind(positions(&ack.wake))
            .bind(positions(&ack.done))
            .bind(positions(&ack.ended))
    };
    let is_moved = session.fetch_one(query).await?.try_get(0)?;
    Ok(if is_moved {
        Verdict::Accepted
    } else {
        Verdict::Void
    })
}

fn leaves_only_a_cursor(ack: &Acknowledgement) -> bool {
    ack.retries.is_empty()
        && ack.dead.is_empty()
        && ack.append.is_empty()
        && ack.wake.is_empty()
        && ack.done.is_empty()
        && ack.ended.is_empty()
}

/// The token of the partition, whoever has it: a fault that the crash harness has to find.
async fn token_now(session: &mut Session<'_>, ack: &Acknowledgement) -> Outcome<Uuid> {
    let query = sqlx::query(
        "SELECT l.token FROM eventful.subscription s JOIN eventful.partition p ON p.subscription = s.number
         JOIN eventful.lease l ON l.partition = p.id WHERE s.id = $1 AND p.number = $2",
    );
    let Partition {
        subscription,
        number,
    } = &ack.held.partition;
    let query = query.bind(subscription).bind(i64::from(*number));
    let token: Option<Uuid> = session.fetch_one(query).await?.try_get(0)?;
    Ok(token.unwrap_or_default())
}

fn bind_move<'q>(query: Query<'q>, token: Uuid, ack: &Acknowledgement) -> Query<'q> {
    query
        .bind(token)
        .bind(ack.from.position.0)
        .bind(ack.from.step)
        .bind(ack.to.position.0)
        .bind(ack.to.step)
        .bind(i64::try_from(ack.handled).unwrap_or(i64::MAX))
        .bind(ack.failing)
}
