//! The helpers of these tests.

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgPool};

use crate::server::{self, Cluster, TestDatabase};

async fn create_table(pool: &PgPool) {
    let create = sqlx::query("CREATE TABLE numbers (number INTEGER NOT NULL)");
    create
        .execute(pool)
        .await
        .expect("the database takes a table");
}

async fn insert(pool: &PgPool, number: i32) {
    let insert = sqlx::query("INSERT INTO numbers VALUES ($1)").bind(number);
    insert.execute(pool).await.expect("the table takes a row");
}

async fn numbers(pool: &PgPool) -> Vec<i32> {
    sqlx::query_scalar("SELECT number FROM numbers ORDER BY number")
        .fetch_all(pool)
        .await
        .expect("the table can be read")
}

#[tokio::test]
async fn each_test_has_a_database_of_its_own() {
    let Some(one) = TestDatabase::create().await else {
        return;
    };
    let other = TestDatabase::create().await.expect("there is a server");
    create_table(&one.pool).await;
    insert(&one.pool, 1).await;
    create_table(&other.pool).await;
    assert_eq!(numbers(&other.pool).await, [0; 0]);
    let mut by_url = sqlx::PgConnection::connect(&one.url())
        .await
        .expect("the URL is right");
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM numbers")
        .fetch_one(&mut by_url)
        .await
        .expect("it is the same database");
    assert_eq!(count, 1);
}

#[tokio::test]
async fn a_database_goes_with_its_test_which_panics() {
    let Some(server) = server::shared().await else {
        return;
    };
    let database = TestDatabase::create().await.expect("there is a server");
    let options = database.options();
    create_table(&database.pool).await;
    let failed = tokio::spawn(async move {
        let _database = database;
        panic!("on purpose");
    });
    assert!(failed.await.expect_err("it panics").is_panic());
    let name = options.get_database().expect("it has a name");
    let mut connection = server.connect().await.expect("the server answers");
    let is_there: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(name)
            .fetch_one(&mut connection)
            .await
            .expect("the server lists its databases");
    assert!(!is_there);
}

#[tokio::test]
async fn a_cluster_has_its_settings_and_keeps_what_was_committed_before_a_crash() {
    let Some(mut cluster) = Cluster::create(&[("max_prepared_transactions", "7")]).await else {
        return;
    };
    let pool = cluster.pool();
    let setting: String = sqlx::query_scalar("SHOW max_prepared_transactions")
        .fetch_one(&pool)
        .await
        .expect("it is a setting");
    assert_eq!(setting, "7");
    create_table(&pool).await;
    insert(&pool, 1).await;
    let mut open = pool.begin().await.expect("a transaction begins");
    sqlx::query("INSERT INTO numbers VALUES (2)")
        .execute(&mut *open)
        .await
        .expect("the table takes a row");
    cluster.restart_immediate().await;
    assert_eq!(numbers(&pool).await, [1]);
    let log = cluster.log();
    assert!(log.contains("automatic recovery in progress"), "{log}");
    cluster.stop().await;
    assert!(cluster.options().connect().await.is_err());
    cluster.start().await;
    assert_eq!(numbers(&pool).await, [1]);
}

#[tokio::test]
async fn a_standby_that_is_promoted_lacks_what_came_after_it_was_cut_off() {
    let Some(primary) = Cluster::create(&[]).await else {
        return;
    };
    let written = primary.pool();
    create_table(&written).await;
    let standby = primary.standby().await;
    insert(&written, 1).await;
    standby.catch_up(&primary).await;
    let copy = standby.pool();
    assert_eq!(numbers(&copy).await, [1]);
    standby.disconnect().await;
    insert(&written, 2).await;
    standby.promote().await;
    assert_eq!(numbers(&written).await, [1, 2]);
    assert_eq!(numbers(&copy).await, [1]);
    insert(&copy, 3).await;
    assert_eq!(numbers(&copy).await, [1, 3]);
}

#[tokio::test]
async fn a_cluster_ends_with_its_test_which_panics() {
    let Some(cluster) = Cluster::create(&[]).await else {
        return;
    };
    let options = cluster.options();
    let failed = tokio::spawn(async move {
        let _cluster = cluster;
        panic!("on purpose");
    });
    assert!(failed.await.expect_err("it panics").is_panic());
    assert!(options.connect().await.is_err());
}

/// Names the file into which a child writes the URL of its cluster.
const URL_FILE: &str = "EVENTFUL_TEST_URL_FILE";

/// The child of the test below, and nothing if it is run as a test.
#[tokio::test]
async fn child() {
    let Some(file) = env::var_os(URL_FILE) else {
        return;
    };
    let cluster = Cluster::create(&[]).await.expect("there is PostgreSQL");
    let complete = Path::new(&file).with_extension("complete");
    fs::write(&complete, cluster.url()).expect("the folder is writable");
    fs::rename(&complete, &file).expect("the folder is writable");
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_cluster_ends_with_its_process_which_is_killed() {
    // Only to skip where there is no PostgreSQL.
    let Some(_cluster) = Cluster::create(&[]).await else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    // The child's cluster may run as another user.
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("it is ours");
    let file = folder.path().join("url");
    let mut child = Command::new(env::current_exe().expect("it has a path"))
        .args(["--exact", "helpers::child"])
        .env(URL_FILE, &file)
        // It leaves its own folder.
        .env("TMPDIR", folder.path())
        .stdout(Stdio::null())
        .spawn()
        .expect("it can start itself");
    let limit = Instant::now() + Duration::from_mins(1);
    let pause = async || {
        assert!(Instant::now() < limit);
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    while !file.exists() {
        pause().await;
    }
    let url = fs::read_to_string(&file).expect("the child wrote it");
    let cluster: PgConnectOptions = url.parse().expect("it is a URL");
    assert!(cluster.connect().await.is_ok());
    child.kill().expect("it is a child of this process");
    child.wait().expect("it is a child of this process");
    while cluster.connect().await.is_ok() {
        pause().await;
    }
}
