//! Faults of the store on purpose: each has to be found.

use std::env;
use std::process::Command;

use sqlx::{AssertSqlSafe, PgPool};

/// A fault of the store, made in its tables.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// No place is told from another one of its position.
    StepsAlike,
    /// No *done* row is told from that of another event with its position.
    IdsAlike,
    /// *Done* rows are gone as soon as they are written.
    NoDoneRows,
}

impl Fault {
    pub(crate) async fn make(self, pool: &PgPool) {
        let (table, time, does) = match self {
            Self::None => return,
            Self::StepsAlike => ("position", "BEFORE", "NEW.step := 7"),
            Self::IdsAlike => (
                "log",
                "BEFORE",
                "NEW.id := ''00000000-0000-0000-0000-000000000007''",
            ),
            Self::NoDoneRows => (
                "done",
                "AFTER",
                "DELETE FROM eventful.done d WHERE d.partition = NEW.partition AND d.position = NEW.position",
            ),
        };
        let trigger = format!(
            "CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN {does}; RETURN NEW; END';
             CREATE TRIGGER fault {time} INSERT ON eventful.{table} FOR EACH ROW EXECUTE FUNCTION fault();",
        );
        sqlx::raw_sql(AssertSqlSafe(trigger))
            .execute(pool)
            .await
            .expect("a superuser makes triggers");
    }
}

/// Asserts that a test of this program fails with this text if the store has a fault of this name, which it asks for in
/// its own code. A few times if it must be.
pub(crate) async fn finds(fault: &str, test: &str, says: &str) {
    for _ in 0..4 {
        let mut command = Command::new(env::current_exe().expect("it has a path"));
        command
            .args(["--exact", test, "--nocapture"])
            .env("EVENTFUL_CRASH_BROKEN", fault);
        let output = tokio::task::spawn_blocking(move || command.output()).await;
        let output = output.expect("it does not panic");
        let output = output.expect("it can start itself");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if said.contains("SKIPPED") {
            return;
        }
        if !output.status.success() {
            assert!(
                said.contains(says),
                "it fails, but not because of the fault: {said}"
            );
            return;
        }
    }
    panic!("it is not found: {fault}");
}
