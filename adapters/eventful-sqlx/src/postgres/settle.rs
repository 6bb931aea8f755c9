//! The acknowledgement of events that become more than a moved cursor.

use std::fmt::Write as _;

use eventful_durable::store::{Dead, Retry, Wait};
use eventful_durable::{Append, Envelope, Timestamp, WhenDead};
use serde::Serialize;
use uuid::Uuid;

use super::acknowledge::moved;
use super::columns::{envelope_columns, micros};
use crate::failure::Outcome;
use crate::text::json;

/// The columns of [`EventRow`].
macro_rules! event_row {
    () => {
        "id uuid, name text, version integer, key text, slot smallint, payload text, occurred_at bigint, headers text"
    };
}

/// The values of an envelope from an [`EventRow`] named `e`, in the order of its columns.
macro_rules! event_values {
    () => {
        "e.id, e.name, e.version, e.key, e.slot, decode(e.payload, 'hex'),
            'epoch'::timestamptz + e.occurred_at * interval '1 microsecond', e.headers"
    };
}

/// All parts see the tables as they were before, and no part changes a row that another one does.
pub(super) const SETTLE: &str = concat!(
    "WITH ",
    moved!(),
    ",
    waiting AS MATERIALIZED (
        SELECT * FROM json_to_recordset($8::json)
            AS r(position bigint, attempts integer, wait bigint, needs text, failures text)),
    dead AS MATERIALIZED (
        SELECT * FROM json_to_recordset($9::json) AS e(",
    event_row!(),
    ", position bigint, attempts integer, failures text, reason text, stops boolean)),
    returned AS MATERIALIZED (
        SELECT *, row_number() OVER () AS number FROM json_to_recordset($10::json) AS e(",
    event_row!(),
    ", due_at bigint, word text)),
    written AS (
        -- The event is that of the log, or of the row that is there: a dead letter may be retried that the log has lost.
        INSERT INTO eventful.retry AS old (partition, position, event, name, key, slot, attempts, first_attempt_at,
            due_at, needs, failures)
        SELECT m.id, w.position, coalesce(l.id, r.event), coalesce(l.name, r.name),
            CASE WHEN l.id IS NULL THEN r.key ELSE l.key END, coalesce(l.slot, r.slot), w.attempts,
            CASE WHEN w.attempts > 0 THEN statement_timestamp() END,
            statement_timestamp() + w.wait * interval '1 microsecond', w.needs, w.failures
        FROM moved m CROSS JOIN waiting w
        LEFT JOIN eventful.position o ON o.position = w.position LEFT JOIN eventful.log l ON l.seq = o.seq
        LEFT JOIN eventful.retry r ON r.partition = m.id AND r.position = w.position
        WHERE l.id IS NOT NULL OR r.event IS NOT NULL
        ON CONFLICT (partition, position) DO UPDATE SET attempts = excluded.attempts,
            first_attempt_at = coalesce(old.first_attempt_at, excluded.first_attempt_at), due_at = excluded.due_at,
            needs = excluded.needs, failures = excluded.failures),
    woken AS (
        UPDATE eventful.retry r SET due_at = statement_timestamp(), needs = NULL
        FROM moved m WHERE r.partition = m.id AND r.position = ANY ($11)),
    mended AS (
        DELETE FROM eventful.dead d USING moved m, eventful.retry r
        WHERE r.partition = m.id AND r.position = ANY ($12) AND d.subscription = m.subscription AND d.id = r.event),
    removed AS (
        DELETE FROM eventful.retry r USING moved m WHERE r.partition = m.id
            AND (r.position = ANY ($12) OR r.position IN (SELECT position FROM dead WHERE NOT stops))),
    letters AS (
        INSERT INTO eventful.dead AS old (",
    envelope_columns!(),
    ", subscription, position, attempts, failures, reason, died_at)
        SELECT ",
    event_values!(),
    ", m.subscription, e.position, e.attempts, e.failures, e.reason, statement_timestamp()
        FROM moved m CROSS JOIN dead e
        ON CONFLICT (subscription, id) DO UPDATE SET position = excluded.position, name = excluded.name,
            version = excluded.version, key = excluded.key, slot = excluded.slot, payload = excluded.payload,
            occurred_at = excluded.occurred_at, headers = excluded.headers, attempts = excluded.attempts,
            failures = excluded.failures, reason = excluded.reason, died_at = excluded.died_at, retried = false),
    stopped AS (
        INSERT INTO eventful.retry (partition, position, event, name, key, slot, attempts, failures)
        SELECT m.id, e.position, e.id, e.name, e.key, e.slot, e.attempts, '[]'
        FROM moved m CROSS JOIN dead e WHERE e.stops
        ON CONFLICT (partition, position) DO UPDATE SET event = excluded.event, name = excluded.name,
            key = excluded.key, slot = excluded.slot, attempts = excluded.attempts, first_attempt_at = NULL,
            due_at = NULL, needs = NULL, failures = excluded.failures),
    ended AS (
        DELETE FROM eventful.note n USING moved m WHERE n.partition = m.id AND n.position = ANY ($13)),
    forgotten AS (
        DELETE FROM eventful.done d USING moved m WHERE d.partition = m.id AND d.position <= $4
            AND d.position NOT IN (SELECT position FROM waiting)
            AND d.position NOT IN (SELECT position FROM dead WHERE stops)
            AND NOT EXISTS (SELECT FROM eventful.retry r WHERE r.partition = m.id AND r.position = d.position
                AND r.position <> ALL ($12) AND r.position NOT IN (SELECT position FROM dead WHERE NOT stops))),
    said AS (
        INSERT INTO eventful.once (name, word, said_at)
        SELECT DISTINCT e.name, e.word, statement_timestamp() FROM moved, returned e WHERE e.word IS NOT NULL
        ON CONFLICT DO NOTHING RETURNING name, word),
    wanted AS (
        SELECT e.*, 'epoch'::timestamptz + e.due_at * interval '1 microsecond' AS due
        FROM moved, returned e WHERE e.word IS NULL
            OR ((e.name, e.word) IN (SELECT name, word FROM said) AND e.number = (SELECT min(other.number)
                FROM returned other WHERE other.name = e.name AND other.word = e.word))),
    scheduled AS (
        INSERT INTO eventful.scheduled (",
    envelope_columns!(),
    ", due_at) SELECT ",
    event_values!(),
    ", e.due FROM wanted e WHERE e.due > statement_timestamp() ORDER BY e.number),
    appended AS (
        INSERT INTO eventful.log (",
    envelope_columns!(),
    ") SELECT ",
    event_values!(),
    " FROM wanted e WHERE e.due IS NULL OR e.due <= statement_timestamp() ORDER BY e.number)
    SELECT EXISTS (SELECT FROM moved)"
);

/// A [`Retry`], as the statement reads it.
#[derive(Serialize)]
pub(super) struct RetryRow {
    position: i64,
    attempts: u32,
    /// In microseconds. `None` if it is parked or stopped.
    wait: Option<i64>,
    needs: Option<String>,
    failures: String,
}

/// An [`Envelope`], as the statement reads it.
#[derive(Serialize)]
struct EventRow<'a> {
    id: Uuid,
    name: &'a str,
    version: u32,
    key: Option<&'a str>,
    slot: u8,
    /// In hexadecimal digits.
    payload: String,
    /// In microseconds since 1970.
    occurred_at: i64,
    headers: String,
}

/// A [`Dead`], as the statement reads it.
#[derive(Serialize)]
pub(super) struct DeadRow<'a> {
    #[serde(flatten)]
    event: EventRow<'a>,
    position: i64,
    attempts: u32,
    failures: String,
    reason: String,
    /// True if the key stays shut.
    stops: bool,
}

/// An [`Append`], as the statement reads it.
#[derive(Serialize)]
pub(super) struct AppendRow<'a> {
    #[serde(flatten)]
    event: EventRow<'a>,
    /// In microseconds since 1970.
    due_at: Option<i64>,
    word: Option<&'a str>,
}

impl RetryRow {
    pub(super) fn of(retry: &Retry) -> Outcome<Self> {
        let (wait, needs) = match &retry.wait {
            Wait::For(time) => (Some(micros(*time)), None),
            Wait::Parked(needs) => (None, Some(json(needs)?)),
            Wait::Stopped => (None, None),
        };
        Ok(Self {
            position: retry.position.0,
            attempts: retry.attempts,
            wait,
            needs,
            failures: json(&retry.failures)?,
        })
    }
}

impl<'a> EventRow<'a> {
    fn of(envelope: &'a Envelope) -> Outcome<Self> {
        let mut payload = String::with_capacity(2 * envelope.payload.len());
        for byte in &envelope.payload {
            // Writing to a string does not fail.
            let _ = write!(payload, "{byte:02x}");
        }
        Ok(Self {
            id: envelope.id,
            name: &envelope.name,
            version: envelope.version,
            key: envelope.key.as_deref(),
            slot: envelope.slot,
            payload,
            occurred_at: envelope.occurred_at.as_microsecond(),
            headers: json(&envelope.headers)?,
        })
    }
}

impl<'a> DeadRow<'a> {
    pub(super) fn of(dead: &'a Dead) -> Outcome<Self> {
        Ok(Self {
            event: EventRow::of(&dead.envelope)?,
            position: dead.position.0,
            attempts: dead.attempts,
            failures: json(&dead.failures)?,
            // PostgreSQL stores no NUL.
            reason: dead.reason.replace('\0', "\u{fffd}"),
            stops: dead.when_dead == WhenDead::Stop,
        })
    }
}

impl<'a> AppendRow<'a> {
    pub(super) fn of(append: &'a Append) -> Outcome<Self> {
        Ok(Self {
            event: EventRow::of(&append.envelope)?,
            due_at: append.due_at.map(Timestamp::as_microsecond),
            word: append.once.as_deref(),
        })
    }
}
