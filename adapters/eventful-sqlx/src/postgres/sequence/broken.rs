//! Orders of the log that are no order of commits: the crash harness has to find them.

use crate::failpoint::is_broken;

/// Positions are numbers of the log. One that is committed below the last position is never seen.
const LAST_NUMBER: &str = "
    WITH fresh AS MATERIALIZED (
        SELECT seq FROM eventful.log WHERE seq > (SELECT last FROM eventful.sequencer) ORDER BY seq LIMIT $4),
    moved AS (
        UPDATE eventful.sequencer SET lo = pg_current_snapshot(), turn = turn + 1, last = (SELECT max(seq) FROM fresh)
        WHERE turn = $2 AND EXISTS (SELECT FROM fresh) RETURNING 1),
    given AS (INSERT INTO eventful.position (position, seq, step) SELECT seq, seq, $3 FROM moved, fresh)
    SELECT count(*), $1::text IS NULL FROM fresh";

/// Positions are in the order of transaction ids, below the oldest transaction that is open.
const TRANSACTION_IDS: &str = "
    WITH fresh AS MATERIALIZED (
        SELECT xid, seq FROM eventful.log WHERE xid >= pg_snapshot_xmin($1::text::pg_snapshot)
            AND xid < pg_snapshot_xmin(pg_current_snapshot()) LIMIT $4),
    moved AS (
        UPDATE eventful.sequencer SET lo = pg_current_snapshot(), turn = turn + 1,
            last = last + (SELECT count(*) FROM fresh)
        WHERE turn = $2 RETURNING last - (SELECT count(*) FROM fresh) AS base),
    given AS (
        INSERT INTO eventful.position (position, seq, step)
        SELECT base + row_number() OVER (ORDER BY xid, seq), seq, $3 FROM moved, fresh)
    SELECT count(*), true FROM fresh";

/// The statement of a step in a wrong order, if this process has one.
pub(in crate::postgres) fn step() -> Option<&'static str> {
    if is_broken("positions that are numbers of the log") {
        Some(LAST_NUMBER)
    } else if is_broken("positions in the order of transaction ids") {
        Some(TRANSACTION_IDS)
    } else {
        None
    }
}
