//! Guards: a server on which the store would lose events without a word is refused.

use eventful_durable::store::StoreError;
use sqlx::Row;

use super::session::{Session, Statements};
use crate::failpoint::is_broken;
use crate::failure::Outcome;

/// The oldest version of the server: that of `xid8` and `pg_snapshot`.
const OLDEST: i32 = 13;

/// The facts of a server that a step depends on.
pub(super) struct Server {
    /// The cluster in which the log was made.
    pub(super) cluster: i64,
    /// The cluster of this server.
    pub(super) this_cluster: i64,
    pub(super) is_standby: bool,
    /// True if the server is at least as far as the last step.
    pub(super) is_ahead: bool,
}

/// Fails if the snapshots of this server cannot be compared with that of the last step.
pub(super) fn require(server: &Server) -> Result<(), StoreError> {
    if server.is_standby {
        return Err(StoreError::failed(
            "this server is a standby, whose snapshots do not know the open transactions: connect to the primary, \
             with `target_session_attrs=read-write` where several hosts have one name",
        ));
    }
    if server.cluster != server.this_cluster || !server.is_ahead {
        return Err(StoreError::refused(
            "the log was made in another cluster of PostgreSQL, with other transaction ids: was the database restored \
             from a dump, or upgraded? Stop all programs that use it, and call `Postgres::new(pool).rebase().await?` once",
        ));
    }
    Ok(())
}

const SETTINGS: &str = "
    SELECT current_setting('server_version_num')::integer / 10000, current_setting('transaction_isolation'),
        (SELECT cache_size FROM pg_sequences WHERE schemaname = 'eventful' AND sequencename = 'log_seq_seq')";

/// Checks what does not change while a program runs.
pub(super) async fn require_settings(
    session: &mut Session<'_>,
    statements: Statements,
) -> Outcome<()> {
    let row = session.fetch_one(sqlx::query(SETTINGS)).await?;
    let version: i32 = row.try_get(0)?;
    require_version(version)?;
    let isolation: &str = row.try_get(1)?;
    if isolation != "read committed" {
        let what_to_do = match statements {
            Statements::Unnamed => {
                "`ALTER ROLE … SET default_transaction_isolation = 'read committed'` for its role"
            }
            Statements::Named => {
                "use `Postgres::new(pool).behind_pgbouncer()` if a pool drops settings of sessions"
            }
        };
        let text = format!(
            "the store's connections begin transactions as `{isolation}`, which would make publishers fail: {what_to_do}"
        );
        return Err(StoreError::refused(text).into());
    }
    let cache: Option<i64> = row.try_get(2)?;
    let is_wanted = |cache: &i64| *cache == 1 || is_broken("a sequence with a cache");
    if let Some(cache) = cache.filter(|cache| !is_wanted(cache)) {
        let text = format!(
            "the sequence of eventful.log hands out {cache} numbers at once, which puts events out of order: \
             `ALTER TABLE eventful.log ALTER COLUMN seq SET CACHE 1`"
        );
        return Err(StoreError::refused(text).into());
    }
    Ok(())
}

pub(super) fn require_version(version: i32) -> Result<(), StoreError> {
    if version >= OLDEST {
        return Ok(());
    }
    Err(StoreError::refused(format!(
        "the server is of version {version}, and the store needs PostgreSQL {OLDEST} or later"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_server_is_refused() {
        require_version(13).expect("it is new enough");
        require_version(18).expect("it is new enough");
        let error = require_version(12).expect_err("it is too old");
        assert!(error.is_refused());
        assert_eq!(
            error.to_string(),
            "the server is of version 12, and the store needs PostgreSQL 13 or later"
        );
    }
}
