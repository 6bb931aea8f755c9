//! A disk that is full: a small file system in memory, which holds the tables of the store.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::AssertSqlSafe;
use tempfile::TempDir;

use crate::notices::Notices;
use crate::server::Cluster;
use crate::shop::Shop;

/// A mounted file system, which goes with it.
struct Disk {
    folder: TempDir,
}

impl Disk {
    /// `None` if this process may not mount, or there is no user of the server.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary directory can be made");
        let is_done = |program: &str, arguments: &[&str]| {
            let mut command = Command::new(program);
            command.args(arguments).arg(folder.path());
            command.stderr(Stdio::null());
            command.status().is_ok_and(|status| status.success())
        };
        if !is_done("mount", &["-t", "tmpfs", "-o", "size=24m", "tmpfs"]) {
            crate::skip("a disk that is full: this process may not mount a file system");
            return None;
        }
        let owned = is_done("chown", &["postgres"]);
        assert!(owned, "root gives folders away");
        Some(Self { folder })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn fill(&self) {
        let ballast = fs::File::create(self.path().join("ballast"));
        let mut ballast = ballast.expect("the disk takes a file");
        // It ends when there is no room.
        let _ = std::io::copy(&mut std::io::repeat(1), &mut ballast);
    }

    fn free(&self) {
        fs::remove_file(self.path().join("ballast")).expect("it is there");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(self.path()).status();
        if !unmounted.is_ok_and(|status| status.success()) {
            eprintln!("{} remains mounted", self.path().display());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_goes_on_when_there_is_room_again() {
    let Some(disk) = Disk::mount() else {
        return;
    };
    let Some(cluster) = Cluster::create(&[]).await else {
        return;
    };
    let setup = cluster.pool();
    let place = disk.path().join("tables").display().to_string();
    let made = Command::new("install")
        .args(["-d", "-o", "postgres", "-m", "700", &place])
        .status();
    assert!(made.is_ok_and(|status| status.success()));
    for statement in [
        format!("CREATE TABLESPACE small LOCATION '{place}'"),
        "ALTER ROLE postgres SET default_tablespace = small".to_owned(),
    ] {
        let done = sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&setup)
            .await;
        done.expect("a superuser makes tablespaces");
    }
    setup.close().await;
    let shop = Shop::open(cluster.options()).await;
    let notices = Notices::default();
    let worker = shop
        .worker_with(|builder| builder.observe(notices.clone()))
        .await;
    shop.publish_many(20).await;
    shop.wait_until_handled().await;
    // They are in the log, and their positions find no room.
    let mut imported = shop.pool.begin().await.expect("the server answers");
    shop.import_in(&mut imported, 3_000).await;
    disk.fill();
    imported
        .commit()
        .await
        .expect("the log of writes is on another disk");
    let mut refused = String::new();
    // Until the last page is full.
    for _ in 0..5_000 {
        if let Err(error) = shop.try_publish(1).await {
            refused = error.to_string();
            break;
        }
    }
    assert!(
        refused.contains("cannot be appended: the disk of the server is full"),
        "{refused}"
    );
    // The worker cannot write either, and says so.
    let began = Instant::now();
    while !notices.has("look at the log: the disk of the server is full") {
        assert!(began.elapsed() < Duration::from_mins(1), "{notices:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    disk.free();
    shop.publish_many(20).await;
    shop.wait_until_handled().await;
    shop.plain().await.assert_at_least_once();
    shop.effects().await.assert_exactly_once();
    worker.stop().await;
}
