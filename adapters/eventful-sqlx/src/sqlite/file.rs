//! The file of a store, and what is under it.

use std::path::{Path, PathBuf};

use eventful_durable::store::StoreError;
use sqlx::SqliteConnection;

use crate::failure::Outcome;

/// The first library without the fault that could reset a write-ahead log too early:
/// <https://www.sqlite.org/releaselog/3_51_3.html>
const SOUND: (u32, u32, u32) = (3, 51, 3);

/// File systems over a network, as Linux names them. SQLite's locks do not work on them, nor does its shared memory.
const NETWORKED: [&str; 12] = [
    "9p",
    "afs",
    "ceph",
    "cifs",
    "davfs",
    "fuse.glusterfs",
    "fuse.sshfs",
    "lustre",
    "nfs",
    "nfs4",
    "smb3",
    "smbfs",
];

/// Fails if the file is in memory, or on a network file system.
pub(super) async fn require_local(connection: &mut SqliteConnection) -> Outcome<()> {
    let path = path(connection).await?;
    if path.as_os_str().is_empty() {
        return Err(StoreError::refused(
            "the database is in memory, where no second connection sees it: use a file, or `durable::Memory` for tests",
        )
        .into());
    }
    if let Some(kind) = std::fs::read_to_string("/proc/self/mountinfo")
        .ok()
        .and_then(|mounts| networked(&mounts, &path))
    {
        let text = format!(
            "{} is on a network file system ({kind}), where two connections of SQLite can damage it: use a local disk",
            path.display()
        );
        return Err(StoreError::refused(text).into());
    }
    Ok(())
}

/// The path of the file: empty if the database is in memory.
async fn path(connection: &mut SqliteConnection) -> Outcome<PathBuf> {
    let path: String =
        sqlx::query_scalar("SELECT file FROM pragma_database_list WHERE name = 'main'")
            .fetch_one(connection)
            .await?;
    Ok(path.into())
}

/// The kind of the file system of a path, if it is over a network, from the lines of `/proc/self/mountinfo`.
fn networked(mounts: &str, path: &Path) -> Option<String> {
    // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw: the mount point, and after the dash the kind.
    let mounts = mounts.lines().filter_map(|line| {
        let (left, right) = line.split_once(" - ")?;
        let point = left.split(' ').nth(4)?.replace("\\040", " ");
        path.starts_with(&point)
            .then(|| (point.len(), right.split(' ').next()))
    });
    // A later line covers an earlier one of the same point.
    let (_, kind) = mounts.max_by_key(|(length, _)| *length)?;
    kind.filter(|kind| NETWORKED.contains(kind))
        .map(str::to_owned)
}

pub(super) async fn switch_to_wal(connection: &mut SqliteConnection) -> Outcome<()> {
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode = WAL")
        .fetch_one(connection)
        .await?;
    require_wal_mode(&mode)
}

/// Fails unless the file has a write-ahead log: without one, readers and the writer wait for each other.
pub(super) async fn require_wal(connection: &mut SqliteConnection) -> Outcome<()> {
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(connection)
        .await?;
    require_wal_mode(&mode)
}

fn require_wal_mode(mode: &str) -> Outcome<()> {
    if mode.eq_ignore_ascii_case("wal") {
        return Ok(());
    }
    Err(StoreError::refused(format!(
        "the file's journal mode is `{mode}`, and the store needs `wal`: call `Sqlite::new(pool).migrate().await?`, \
         and leave `journal_mode` out of the options of the pool"
    ))
    .into())
}

/// Writes a line if the library has a fault that may lose what was committed.
pub(super) async fn warn_of_an_old_library(connection: &mut SqliteConnection) -> Outcome<()> {
    let version: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(connection)
        .await?;
    if is_older(&version, SOUND) {
        tracing::warn!(
            target: "eventful::durable",
            version,
            "this library of SQLite can damage a file that several connections write to: use 3.51.3 or later"
        );
    }
    Ok(())
}

fn is_older(version: &str, than: (u32, u32, u32)) -> bool {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let mut part = || parts.next().unwrap_or(0);
    (part(), part(), part()) < than
}

/// The file as the system knows it, to notice that another one has its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    path: PathBuf,
    inode: Option<(u64, u64)>,
}

impl Identity {
    pub(super) async fn of(connection: &mut SqliteConnection) -> Outcome<Self> {
        let path = path(connection).await?;
        Ok(Self {
            inode: inode(&path),
            path,
        })
    }

    /// Fails if the file was deleted or replaced: what is written into it from then on is lost.
    pub(super) fn require_unchanged(&self) -> Result<(), StoreError> {
        if inode(&self.path) == self.inode {
            return Ok(());
        }
        Err(StoreError::failed(format!(
            "{} was deleted or replaced while it was open: what is written now goes with the old one; \
             start the program anew",
            self.path.display()
        )))
    }
}

#[cfg(unix)]
fn inode(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// Elsewhere a file that is open cannot be deleted.
#[cfg(not(unix))]
fn inode(_: &Path) -> Option<(u64, u64)> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:40 / /srv/shared\\040files rw,relatime shared:2 - nfs4 server:/export rw
41 40 8:2 / /srv/shared\\040files/local rw,relatime - xfs /dev/sdb1 rw
";

    #[test]
    fn the_longest_mount_point_decides() {
        let kind = |path: &str| networked(MOUNTS, Path::new(path));
        assert_eq!(kind("/var/lib/shop.db"), None);
        assert_eq!(kind("/srv/shared files/shop.db").as_deref(), Some("nfs4"));
        assert_eq!(kind("/srv/shared files/local/shop.db"), None);
        assert_eq!(kind("/srv/shared filesystem/shop.db"), None);
    }

    #[test]
    fn versions_are_compared_by_number() {
        assert!(is_older("3.9.0", SOUND));
        assert!(is_older("3.51.2", SOUND));
        assert!(!is_older("3.51.3", SOUND));
        assert!(!is_older("3.100.0", SOUND));
    }
}
