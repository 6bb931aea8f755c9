//! Columns to values and back.

use std::sync::Arc;
use std::time::Duration;

use eventful_durable::store::{Place, Position, Slots};
use eventful_durable::{Envelope, Timestamp};
use jiff::SignedDuration;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row, Sqlite as Database};

use crate::failure::Outcome;
use crate::text::decoding;

pub(super) use crate::text::envelope_columns;

pub(super) type Query<'q> = sqlx::query::Query<'q, Database, SqliteArguments>;

/// Reads an envelope from its columns, in the order of [`envelope_columns`], which begin at `first`.
pub(super) fn envelope(row: &SqliteRow, first: usize) -> Outcome<Arc<Envelope>> {
    let id: &str = row.try_get(first)?;
    let version: i64 = row.try_get(first + 2)?;
    let slot: i64 = row.try_get(first + 4)?;
    let headers: &str = row.try_get(first + 7)?;
    Ok(Arc::new(Envelope {
        id: id.parse().map_err(decoding)?,
        name: row.try_get(first + 1)?,
        version: u32::try_from(version).map_err(decoding)?,
        key: row.try_get(first + 3)?,
        slot: u8::try_from(slot).map_err(decoding)?,
        payload: row.try_get(first + 5)?,
        occurred_at: timestamp(row.try_get(first + 6)?),
        headers: serde_json::from_str(headers).map_err(decoding)?,
    }))
}

pub(super) fn bind_envelope<'q>(query: Query<'q>, envelope: &'q Envelope) -> Outcome<Query<'q>> {
    let headers = serde_json::to_string(&envelope.headers).map_err(decoding)?;
    Ok(query
        .bind(envelope.id.to_string())
        .bind(&envelope.name)
        .bind(i64::from(envelope.version))
        .bind(&envelope.key)
        .bind(i64::from(envelope.slot))
        .bind(&envelope.payload)
        .bind(micros(envelope.occurred_at))
        .bind(headers))
}

/// Reads slots from two columns.
pub(super) fn slots(row: &SqliteRow, first: usize) -> Outcome<Slots> {
    let slot = |column| -> Outcome<u8> {
        let slot: i64 = row.try_get(column)?;
        Ok(u8::try_from(slot).map_err(decoding)?)
    };
    Ok(Slots {
        first: slot(first)?,
        last: slot(first + 1)?,
    })
}

/// The place of a position. Positions are never given twice in a file, so that each has one step.
pub(super) fn place(position: i64) -> Place {
    Place {
        position: Position(position),
        step: 0,
    }
}

/// The instant of a step, to the microsecond, as it is stored. All processes of a file share the clock of its machine.
pub(super) fn now() -> Timestamp {
    timestamp(micros(Timestamp::now()))
}

pub(super) fn micros(instant: Timestamp) -> i64 {
    instant.as_microsecond()
}

pub(super) fn timestamp(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
}

pub(super) fn later(now: Timestamp, time: Duration) -> i64 {
    micros(now.saturating_add(time).unwrap_or(Timestamp::MAX))
}

pub(super) fn earlier(now: Timestamp, time: Duration) -> i64 {
    micros(now.saturating_sub(time).unwrap_or(Timestamp::MIN))
}

/// Returns the time from `now` until an instant: zero if that is past.
pub(super) fn until(now: Timestamp, instant: i64) -> Duration {
    let time: SignedDuration = timestamp(instant).duration_since(now);
    time.try_into().unwrap_or_default()
}
