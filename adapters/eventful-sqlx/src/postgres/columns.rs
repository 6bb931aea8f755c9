//! Columns to values and back.

use std::sync::Arc;
use std::time::Duration;

use eventful_durable::store::{Place, Position, Slots};
use eventful_durable::{Envelope, Timestamp};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgRow, PgTypeInfo, PgValueRef};
use sqlx::{Decode, Encode, Postgres as Database, Row, Type};

use crate::failure::Outcome;
use crate::text::decoding;

pub(super) use crate::text::envelope_columns;

pub(super) type Query<'q> = sqlx::query::Query<'q, Database, PgArguments>;

/// The most time for which something waits: PostgreSQL's instants end.
const LONGEST: Duration = Duration::from_hours(1_000 * 365 * 24);

/// Reads an envelope from its columns, in the order of [`envelope_columns`], which begin at `first`.
pub(super) fn envelope(row: &PgRow, first: usize) -> Outcome<Arc<Envelope>> {
    let version: i32 = row.try_get(first + 2)?;
    let slot: i16 = row.try_get(first + 4)?;
    let headers: &str = row.try_get(first + 7)?;
    Ok(Arc::new(Envelope {
        id: row.try_get(first)?,
        name: row.try_get(first + 1)?,
        version: u32::try_from(version).map_err(decoding)?,
        key: row.try_get(first + 3)?,
        slot: u8::try_from(slot).map_err(decoding)?,
        payload: row.try_get(first + 5)?,
        occurred_at: instant(row, first + 6)?,
        headers: serde_json::from_str(headers).map_err(decoding)?,
    }))
}

pub(super) fn bind_envelope<'q>(query: Query<'q>, envelope: &'q Envelope) -> Outcome<Query<'q>> {
    let headers = serde_json::to_string(&envelope.headers).map_err(decoding)?;
    Ok(query
        .bind(envelope.id)
        .bind(&envelope.name)
        .bind(number(envelope.version))
        .bind(&envelope.key)
        .bind(i16::from(envelope.slot))
        .bind(&envelope.payload)
        .bind(Instant(envelope.occurred_at))
        .bind(headers))
}

/// A version or a number of attempts, as `integer`.
pub(super) fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// Reads what [`number`] has written.
pub(super) fn read_number(row: &PgRow, column: usize) -> Outcome<u32> {
    let value: i32 = row.try_get(column)?;
    Ok(u32::try_from(value).map_err(decoding)?)
}

/// Reads a count.
pub(super) fn count(row: &PgRow, column: usize) -> Outcome<u64> {
    let count: i64 = row.try_get(column)?;
    Ok(u64::try_from(count).map_err(decoding)?)
}

/// Reads a place from two columns: position and step.
pub(super) fn place(row: &PgRow, first: usize) -> Outcome<Place> {
    Ok(Place {
        position: Position(row.try_get(first)?),
        step: row.try_get(first + 1)?,
    })
}

/// Reads slots from two columns.
pub(super) fn slots(row: &PgRow, first: usize) -> Outcome<Slots> {
    let slot = |column| -> Outcome<u8> {
        let slot: i16 = row.try_get(column)?;
        Ok(u8::try_from(slot).map_err(decoding)?)
    };
    Ok(Slots {
        first: slot(first)?,
        last: slot(first + 1)?,
    })
}

/// The numbers of positions, for an array.
pub(super) fn positions(positions: &[Position]) -> Vec<i64> {
    positions.iter().map(|position| position.0).collect()
}

/// A time to add to an instant of the server, in microseconds.
pub(super) fn micros(time: Duration) -> i64 {
    i64::try_from(time.min(LONGEST).as_micros()).unwrap_or(i64::MAX)
}

/// Reads a time in microseconds: zero if it is past.
pub(super) fn time(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

/// An instant as `timestamptz`: microseconds since 2000, in 8 bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instant(pub(super) Timestamp);

impl Instant {
    pub(super) fn micros(self) -> i64 {
        self.0.as_microsecond().saturating_sub(EPOCH)
    }
}

/// 2000-01-01 in microseconds since 1970.
const EPOCH: i64 = 946_684_800_000_000;

pub(super) fn instant(row: &PgRow, column: usize) -> Outcome<Timestamp> {
    Ok(row.try_get::<Instant, _>(column)?.0)
}

impl Type<Database> for Instant {
    fn type_info() -> PgTypeInfo {
        // The object identifier of `timestamptz`, in src/include/catalog/pg_type.dat of PostgreSQL.
        PgTypeInfo::with_oid(Oid(1184))
    }
}

impl Encode<'_, Database> for Instant {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Database>::encode(self.micros(), buffer)
    }
}

impl Decode<'_, Database> for Instant {
    fn decode(value: PgValueRef<'_>) -> Result<Self, BoxDynError> {
        let micros = <i64 as Decode<Database>>::decode(value)?;
        let micros = micros.saturating_add(EPOCH);
        // The infinities of PostgreSQL are the ends of our time.
        let end = if micros < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        };
        Ok(Self(Timestamp::from_microsecond(micros).unwrap_or(end)))
    }
}
