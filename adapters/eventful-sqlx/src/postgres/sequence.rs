//! The steps that give positions.
//!
//! A transaction that commits late has low numbers of the sequence and a low id, so that neither is the order of
//! commits. But "what a statement sees now, and an earlier statement did not" is exactly what has committed in between.
//! So a step gives positions, in the order of `seq`, to what its own snapshot sees and the last one (`lo`) did not; then
//! `lo` is its own snapshot. What commits later comes into a later step, and gets a higher position.
//!
//! Each step is **one** statement. Of two at once, one finds that the turn has changed, and writes nothing. A worker that
//! is stopped or cut off keeps nobody waiting.
//!
//! A step takes all that is new, or what it left would never be seen again. If that is too much for one statement, the
//! first one only writes its snapshot down (`hi`), and the next ones walk through the log by `seq`, from `after` on, and
//! give positions to what `hi` sees and `lo` does not: the window stays open over several steps.

pub(super) mod broken;

use eventful_durable::store::Place;
use sqlx::Row;

use super::columns::place;
use super::guard::{self, Server};
use super::session::Session;
use crate::failure::Outcome;

/// The most events that get a position in one step.
pub(super) const MOST: i64 = 10_000;

/// The state of the log.
pub(super) struct Seen {
    pub(super) end: Place,
    /// The number of steps until now.
    turn: i64,
    work: Work,
    /// The time until the next scheduled event, in microseconds.
    pub(super) next_scheduled_in: Option<i64>,
    pub(super) now: eventful_durable::Timestamp,
}

/// The work for the next step.
enum Work {
    Nothing,
    /// The snapshot up to which all have positions.
    New {
        lo: String,
    },
    /// A window that is open.
    Open {
        lo: String,
        hi: String,
        after: i64,
    },
}

/// Looks, without writing: most looks of an idle worker find nothing to do. The orders with limits keep the planner to
/// the index of `(xid, seq)`, whose end it looks at.
pub(super) const LOOK: &str = "
    SELECT s.last, coalesce((SELECT step FROM eventful.position WHERE position = s.last), 0),
        s.lo::text, s.hi::text, s.after, s.turn, s.cluster, c.system_identifier, pg_is_in_recovery(),
        pg_snapshot_xmax(s.lo) <= pg_snapshot_xmax(pg_current_snapshot()),
        EXISTS (SELECT FROM (SELECT FROM eventful.log WHERE xid >= pg_snapshot_xmax(s.lo) ORDER BY xid, seq LIMIT 1) f)
        OR EXISTS (SELECT FROM (SELECT FROM eventful.log WHERE xid = ANY (ARRAY(SELECT pg_snapshot_xip(s.lo)))
            ORDER BY xid, seq LIMIT 1) f),
        (SELECT (extract(epoch FROM min(due_at) - statement_timestamp()) * 1000000)::bigint FROM eventful.scheduled),
        statement_timestamp()
    FROM eventful.sequencer s, pg_control_system() c";

pub(super) async fn look(session: &mut Session<'_>) -> Outcome<Seen> {
    let row = session.fetch_one(sqlx::query(LOOK)).await?;
    guard::require(&Server {
        cluster: row.try_get(6)?,
        this_cluster: row.try_get(7)?,
        is_standby: row.try_get(8)?,
        is_ahead: row.try_get(9)?,
    })?;
    let lo: String = row.try_get(2)?;
    let hi: Option<String> = row.try_get(3)?;
    let work = match hi {
        Some(hi) => Work::Open {
            lo,
            hi,
            after: row.try_get(4)?,
        },
        None if row.try_get(10)? => Work::New { lo },
        None => Work::Nothing,
    };
    Ok(Seen {
        end: place(&row, 0)?,
        turn: row.try_get(5)?,
        work,
        next_scheduled_in: row.try_get(11)?,
        now: super::columns::instant(&row, 12)?,
    })
}

/// The rows that are new since the snapshot `$1`: two ranges of one index. `$1` is text, whatever its bytes are in memory.
macro_rules! new {
    ($columns:literal, $tail:literal) => {
        concat!(
            "(SELECT ",
            $columns,
            " FROM eventful.log WHERE xid >= pg_snapshot_xmax($1::text::pg_snapshot)",
            $tail,
            ") UNION ALL (SELECT ",
            $columns,
            " FROM eventful.log WHERE xid = ANY (ARRAY(SELECT pg_snapshot_xip($1::text::pg_snapshot)))",
            $tail,
            ")"
        )
    };
}

/// Gives positions to all that is new, if that is not more than `$4`. Returns how much is new, and if it was written.
pub(super) const STEP: &str = concat!(
    "WITH hi AS MATERIALIZED (SELECT pg_current_snapshot() AS snapshot),
    fresh AS MATERIALIZED (",
    new!("seq", " ORDER BY xid, seq LIMIT $4 + 1"),
    "),
    size AS MATERIALIZED (SELECT count(*) AS size FROM fresh),
    moved AS (
        UPDATE eventful.sequencer SET lo = (SELECT snapshot FROM hi), turn = turn + 1,
            last = last + (SELECT size FROM size)
        WHERE id = 1 AND turn = $2 AND hi IS NULL AND (SELECT size FROM size) BETWEEN 1 AND $4
        RETURNING last - (SELECT size FROM size) AS base),
    given AS (
        INSERT INTO eventful.position (position, seq, step)
        SELECT moved.base + row_number() OVER (ORDER BY fresh.seq), fresh.seq, $3 FROM moved, fresh)
    SELECT (SELECT size FROM size), EXISTS (SELECT FROM moved)"
);

/// Opens a window over all that is new. `min(seq + 0)`: the least `seq` of them is not looked for along the primary key.
pub(super) const OPEN: &str = concat!(
    "WITH hi AS MATERIALIZED (SELECT pg_current_snapshot() AS snapshot),
    least AS MATERIALIZED (SELECT min(seq + 0) AS seq FROM (",
    new!("seq", ""),
    ") fresh)
    UPDATE eventful.sequencer SET hi = (SELECT snapshot FROM hi), after = (SELECT seq FROM least) - 1, turn = turn + 1
    WHERE id = 1 AND turn = $2 AND hi IS NULL AND (SELECT seq FROM least) IS NOT NULL"
);

/// Gives positions to the next `$6` events of an open window, and closes it if there are fewer.
pub(super) const WALK: &str = "
    WITH fresh AS MATERIALIZED (
        SELECT seq FROM eventful.log
        WHERE seq > $5 AND pg_visible_in_snapshot(xid, $2::text::pg_snapshot)
            AND NOT pg_visible_in_snapshot(xid, $1::text::pg_snapshot)
        ORDER BY seq LIMIT $6),
    size AS MATERIALIZED (SELECT count(*) AS size, coalesce(max(seq), $5) AS last FROM fresh),
    moved AS (
        UPDATE eventful.sequencer SET turn = turn + 1, last = last + (SELECT size FROM size),
            after = (SELECT last FROM size),
            lo = CASE WHEN (SELECT size FROM size) < $6 THEN hi ELSE lo END,
            hi = CASE WHEN (SELECT size FROM size) < $6 THEN NULL ELSE hi END
        WHERE id = 1 AND turn = $3 AND hi IS NOT NULL
        RETURNING last - (SELECT size FROM size) AS base)
    INSERT INTO eventful.position (position, seq, step)
    SELECT moved.base + row_number() OVER (ORDER BY fresh.seq), fresh.seq, $4 FROM moved, fresh";

impl Seen {
    /// Returns true if a step would give positions.
    pub(super) fn has_work(&self) -> bool {
        !matches!(self.work, Work::Nothing)
    }

    /// Gives positions to what is new, or to a part of it. Another worker may have done so meanwhile.
    pub(super) async fn step(&self, session: &mut Session<'_>) -> Outcome<()> {
        let step = fresh_step();
        match &self.work {
            Work::Nothing => {}
            Work::New { lo } => {
                let query = sqlx::query(broken::step().unwrap_or(STEP));
                let query = query.bind(lo).bind(self.turn).bind(step).bind(MOST);
                let row = session.fetch_one(query).await?;
                let size: i64 = row.try_get(0)?;
                if size > MOST {
                    session
                        .execute(sqlx::query(OPEN).bind(lo).bind(self.turn))
                        .await?;
                }
            }
            Work::Open { lo, hi, after } => {
                let query = sqlx::query(WALK).bind(lo).bind(hi).bind(self.turn);
                session
                    .execute(query.bind(step).bind(after).bind(MOST))
                    .await?;
            }
        }
        Ok(())
    }
}

/// A number that no step had before.
pub(super) fn fresh_step() -> i64 {
    let (number, _) = uuid::Uuid::new_v4().as_u64_pair();
    number.cast_signed()
}
