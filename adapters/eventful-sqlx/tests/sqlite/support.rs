//! A file of SQLite for one test.

use std::path::PathBuf;

use eventful::store::Sqlite;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use tempfile::TempDir;

/// A file in a directory of its own, which goes with it.
pub(crate) struct TestFile {
    directory: TempDir,
    pub(crate) pool: SqlitePool,
}

impl TestFile {
    /// A file without tables.
    pub(crate) fn empty() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let options = SqliteConnectOptions::new()
            .filename(directory.path().join("test.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal);
        Self {
            pool: SqlitePool::connect_lazy_with(options),
            directory,
        }
    }

    /// A file with the tables of a store.
    pub(crate) async fn migrated() -> Self {
        let file = Self::empty();
        // The store itself does not make the file.
        file.pool.acquire().await.expect("the file can be made");
        let store = file.store();
        store.migrate().await.expect("the file can be migrated");
        // A connection that is dropped closes later, on its own thread.
        store.close().await;
        file
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("test.db")
    }

    pub(crate) fn store(&self) -> Sqlite {
        Sqlite::new(self.pool.clone())
    }
}
