//! The chapter of the guide about SQLite: its statements are run, and what it says of files is so.

use std::path::Path;
use std::time::Duration;

use eventful::durable::store::Store;
use eventful::durable::{HandlerError, Worker, slot_of};
use eventful::store::Sqlite;
use eventful::{Bus, event, handler};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Row, SqlitePool};

use crate::shop::{OrderPlaced, place};
use crate::support::TestFile;

const CHAPTER: &str = include_str!("../../../../src/guide/sqlite.md");

/// The statement of the guide that has these words.
fn statement(words: &str) -> &'static str {
    let blocks = CHAPTER.split("```sql\n").skip(1);
    let mut statements = blocks.filter_map(|block| block.split("```").next());
    let found = statements.find(|statement| statement.contains(words));
    found.expect("the guide has the statement")
}

/// The rows of a query, as text.
async fn rows(pool: &SqlitePool, query: &'static str) -> Vec<String> {
    let rows = sqlx::query(query).fetch_all(pool).await;
    let text = |row: sqlx::sqlite::SqliteRow| {
        let columns = (0..row.len()).map(|column| {
            let text = row.try_get_unchecked::<Option<String>, _>(column);
            text.expect("it is text").unwrap_or("NULL".to_owned())
        });
        columns.collect::<Vec<_>>().join(" ")
    };
    let rows = rows.expect("the query of the guide runs");
    rows.into_iter().map(text).collect()
}

#[handler(OrderPlaced, id = "guide.mail")]
async fn mail(event: &OrderPlaced) -> Result<(), HandlerError> {
    match &*event.customer {
        "bob" => Err(HandlerError::permanent("550 no such mailbox")),
        _ => Err(HandlerError::retry_in(Duration::from_secs(90), "421 later")),
    }
}

#[handler(OrderPlaced, id = "guide.reserve")]
async fn reserve(
    event: &OrderPlaced,
    file: &mut sqlx::SqliteConnection,
) -> Result<(), sqlx::Error> {
    let row = sqlx::query("INSERT INTO stock (order_id) VALUES (?)").bind(event.order_id);
    row.execute(file).await.map(drop)
}

fn bus() -> Bus {
    let bus = Bus::isolated().with(mail).with(reserve).build();
    bus.expect("the bus can be built")
}

async fn worker(store: Sqlite) -> Worker {
    let worker = Worker::builder(&bus(), store).build().await;
    worker.expect("the worker can be built")
}

async fn run(store: Sqlite) {
    let idle = worker(store).await.run_until_idle().await;
    idle.expect("the store works");
}

/// A file with a shop's tables, in which the handlers are registered.
async fn shop() -> TestFile {
    let file = TestFile::migrated().await;
    let tables = "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT NOT NULL);
        CREATE TABLE stock (order_id INTEGER NOT NULL)";
    sqlx::raw_sql(tables)
        .execute(&file.pool)
        .await
        .expect("the tables can be made");
    worker(file.store()).await;
    file
}

async fn order(file: &TestFile, order: i64, customer: &str) {
    let placed = place(&bus(), &file.pool, order, customer).await;
    placed.expect("the order is placed");
}

#[tokio::test]
async fn the_views_of_the_guide_show_what_it_says() {
    let file = shop().await;
    order(&file, 1, "ann").await;
    order(&file, 2, "bob").await;
    run(file.store()).await;
    order(&file, 3, "ann").await;
    let (first, third) = (
        r#"{"order_id":1,"customer":"ann"}"#,
        r#"{"order_id":3,"customer":"ann"}"#,
    );
    assert_eq!(
        rows(&file.pool, statement("FROM eventful_events WHERE")).await,
        [
            format!("1 order.placed {first}"),
            format!("3 order.placed {third}")
        ]
    );
    assert_eq!(
        rows(&file.pool, statement("FROM eventful_subscriptions")).await,
        ["guide.mail 1 1 1 1", "guide.reserve 1 0 0 1"]
    );
    assert_eq!(
        rows(&file.pool, statement("FROM eventful_dead_letters")).await,
        ["guide.mail 2 1 550 no such mailbox"]
    );
    assert_eq!(
        rows(&file.pool, statement("FROM eventful_outbox")).await,
        [
            r#"2 order.placed bob {"order_id":2,"customer":"bob"}"#.to_owned(),
            format!("3 order.placed ann {third}"),
        ]
    );
}

#[tokio::test]
async fn a_lease_is_shown_while_it_is_held() {
    let file = shop().await;
    let held = "SELECT count(*) FROM eventful_subscriptions
        WHERE worker IS NOT NULL AND lease_until IS NOT NULL";
    let store = file.store();
    let worker = worker(store.clone()).await;
    let handle = worker.handle();
    let running = tokio::spawn(async move { worker.run_until(std::future::pending()).await });
    while rows(&file.pool, held).await != ["2"] {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    handle.stop(Duration::from_secs(5)).await;
    let stopped = running.await.expect("the worker does not panic");
    stopped.expect("the worker stops");
    assert_eq!(rows(&file.pool, held).await, ["0"]);
}

#[tokio::test]
async fn the_statement_for_other_drivers_publishes() {
    let file = shop().await;
    let insert = statement("INSERT INTO eventful_log");
    assert!(
        insert.contains(&format!("'ann', {},", slot_of("ann"))),
        "the slot is that of the key: {}",
        slot_of("ann")
    );
    sqlx::query(insert)
        .execute(&file.pool)
        .await
        .expect("the statement of the guide runs");
    run(file.store()).await;
    assert_eq!(rows(&file.pool, "SELECT order_id FROM stock").await, ["7"]);
}

#[tokio::test]
async fn a_backup_goes_on_from_its_own_instant() {
    let file = shop().await;
    order(&file, 1, "ann").await;
    let backup = file.path().with_file_name("backup.db");
    let path = backup.to_str().expect("the path is text");
    let vacuum = statement("VACUUM INTO").replace("backup.db", path);
    sqlx::query(sqlx::AssertSqlSafe(vacuum))
        .execute(&file.pool)
        .await
        .expect("the statement of the guide runs");
    order(&file, 2, "ann").await;
    run(file.store()).await;
    let stock = "SELECT order_id FROM stock ORDER BY 1";
    assert_eq!(rows(&file.pool, stock).await, ["1", "2"]);

    let restored = open(&backup).await;
    let store = Sqlite::new(restored.clone());
    store.migrate().await.expect("nothing is left to migrate");
    run(store).await;
    assert_eq!(rows(&restored, stock).await, ["1"], "it is handled again");
    assert_eq!(rows(&restored, "SELECT id FROM orders").await, ["1"]);
}

async fn open(path: &Path) -> SqlitePool {
    let pool = SqlitePool::connect_with(SqliteConnectOptions::new().filename(path)).await;
    pool.expect("the file can be opened")
}

#[event(durable, name = "guide.note", key = person)]
#[derive(Serialize, Deserialize)]
struct Note {
    person: u32,
    text: String,
}

/// Returns true if the file has these words, and nothing of it is in the write-ahead log.
async fn holds(file: &TestFile, words: &str) -> bool {
    let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
    assert_eq!(rows(&file.pool, checkpoint).await, ["0 0 0"]);
    let bytes = std::fs::read(file.path()).expect("the file can be read");
    bytes.windows(words.len()).any(|it| it == words.as_bytes())
}

#[tokio::test]
async fn what_is_erased_is_nowhere_in_the_file() {
    let file = shop().await;
    for person in [7, 8] {
        let text = format!("the secret of {person}. ").repeat(500);
        let (store, note) = (file.store(), Note { person, text });
        let published = bus().scope_async(store.publish(&note)).await;
        published.expect("the note is published");
    }
    assert!(holds(&file, "secret of 7").await);
    assert!(holds(&file, "secret of 8").await);
    let erased = file.store().erase("7").await;
    assert_eq!(erased.expect("the store works"), 1);
    assert!(!holds(&file, "secret of 7").await);
    assert!(holds(&file, "secret of 8").await);
}

#[tokio::test]
async fn events_in_the_wrong_file_have_no_subscription() {
    let (file, wrong) = (shop().await, TestFile::migrated().await);
    let (store, event) = (
        wrong.store(),
        OrderPlaced {
            order_id: 1,
            customer: "ann".to_owned(),
        },
    );
    let published = bus().scope_async(store.publish(&event)).await;
    published.expect("nothing is wrong with the publish");
    run(file.store()).await;
    let (events, subscriptions) = (
        "SELECT count(*) FROM eventful_events",
        "SELECT count(*) FROM eventful_subscriptions",
    );
    assert_eq!(rows(&wrong.pool, events).await, ["1"]);
    assert_eq!(rows(&wrong.pool, subscriptions).await, ["0"]);
    assert_eq!(rows(&file.pool, events).await, ["0"]);
}

#[tokio::test]
async fn a_pool_of_sqlx_commits_with_full() {
    let file = TestFile::empty();
    assert_eq!(
        rows(&file.pool, "PRAGMA synchronous").await,
        ["2"],
        "2 is FULL"
    );
    assert_eq!(rows(&file.pool, "PRAGMA busy_timeout").await, ["5000"]);
}
