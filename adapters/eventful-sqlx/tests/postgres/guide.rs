//! The chapter of the guide about PostgreSQL: its statements are run, and what it says is so.

use std::time::Duration;

use eventful::durable::store::Store;
use eventful::durable::{HandlerError, slot_of, state};
use eventful::store::{Postgres, Sqlite};
use eventful::{Bus, event, handler};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{PgConnection, PgPool, SqlitePool};

use crate::server::{Cluster, TestDatabase};
use crate::support::{build, deliver, migrated, rows, run};

const CHAPTER: &str = include_str!("../../../../src/guide/postgres.md");

/// The statement of the guide that has these words.
fn statement(words: &str) -> &'static str {
    let blocks = CHAPTER.split("```sql\n").skip(1);
    let mut statements = blocks.filter_map(|block| block.split("```").next());
    let found = statements.find(|statement| statement.contains(words));
    found.expect("the guide has the statement")
}

#[event(durable, name = "order.placed", key = customer)]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: i64,
    customer: String,
}

#[handler(OrderPlaced, id = "guide.mail")]
async fn mail(event: &OrderPlaced) -> Result<(), HandlerError> {
    match &*event.customer {
        "bob" => Err(HandlerError::permanent("550 no such mailbox")),
        _ => Err(HandlerError::retry_in(Duration::from_secs(90), "421 later")),
    }
}

#[handler(OrderPlaced, id = "guide.reserve")]
async fn reserve(event: &OrderPlaced, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let row = sqlx::query("INSERT INTO stock (order_id) VALUES ($1)").bind(event.order_id);
    row.execute(connection).await.map(drop)
}

/// The other form of [`reserve`], for the chapter's move from SQLite.
#[handler(OrderPlaced, id = "guide.reserve")]
async fn reserve_in_file(
    event: &OrderPlaced,
    connection: &mut sqlx::SqliteConnection,
) -> Result<(), sqlx::Error> {
    let row = sqlx::query("INSERT INTO stock (order_id) VALUES (?)").bind(event.order_id);
    row.execute(connection).await.map(drop)
}

fn bus() -> Bus {
    let bus = Bus::isolated().with(mail).with(reserve).build();
    bus.expect("the bus can be built")
}

const TABLES: &str = "CREATE TABLE stock (order_id bigint NOT NULL)";
const STOCK: &str = "SELECT order_id FROM stock ORDER BY 1";

/// A database with a shop's table, in which the handlers are registered.
async fn shop() -> Option<TestDatabase> {
    let database = migrated().await?;
    run(&database.pool, TABLES).await;
    deliver(&bus(), &database.pool).await;
    Some(database)
}

async fn order(pool: &PgPool, order_id: i64, customer: &str) {
    let customer = customer.to_owned();
    let event = OrderPlaced { order_id, customer };
    let mut transaction = pool.begin().await.expect("it begins");
    event
        .publish(&mut transaction)
        .await
        .expect("it is published");
    transaction.commit().await.expect("it commits");
}

#[tokio::test]
async fn the_views_of_the_guide_show_what_it_says() {
    let Some(database) = shop().await else {
        return;
    };
    let pool = &database.pool;
    order(pool, 1, "ann").await;
    order(pool, 2, "bob").await;
    deliver(&bus(), pool).await;
    order(pool, 3, "ann").await;
    // It has a position when a worker looks.
    let store = Postgres::new(pool.clone());
    store.advance().await.expect("the store works");
    let (first, third) = (
        r#"{"order_id":1,"customer":"ann"}"#,
        r#"{"order_id":3,"customer":"ann"}"#,
    );
    assert_eq!(
        rows(pool, statement("FROM eventful.events WHERE")).await,
        [
            format!("1 order.placed {first}"),
            format!("3 order.placed {third}")
        ]
    );
    assert_eq!(
        rows(pool, statement("FROM eventful.subscriptions")).await,
        ["guide.mail 0 1 1 1 t", "guide.reserve 0 1 0 0 t"]
    );
    assert_eq!(
        rows(pool, statement("FROM eventful.dead_letters")).await,
        ["guide.mail 2 1 550 no such mailbox"]
    );
    assert_eq!(
        rows(pool, statement("FROM eventful.outbox")).await,
        [
            r#"2 order.placed bob {"order_id":2,"customer":"bob"}"#.to_owned(),
            format!("3 order.placed ann {third}"),
        ]
    );
}

#[tokio::test]
async fn the_statement_for_other_languages_publishes() {
    let Some(database) = shop().await else {
        return;
    };
    let insert = statement("INSERT INTO eventful.log");
    let slot = slot_of("ann");
    assert!(
        insert.contains(&format!("'ann', {slot},")),
        "the slot is that of the key: {slot}"
    );
    run(&database.pool, insert).await;
    deliver(&bus(), &database.pool).await;
    assert_eq!(rows(&database.pool, STOCK).await, ["7"]);
    // The columns that `append_sql` binds are those of the guide.
    let columns = |sql: &str| {
        let (_, rest) = sql.split_once('(').expect("it names columns");
        let (columns, _) = rest.split_once(')').expect("it names columns");
        columns.to_owned()
    };
    assert_eq!(columns(Postgres::append_sql()), columns(insert));
}

#[tokio::test]
async fn roles_have_what_they_need_by_the_grants_of_the_guide() {
    let Some(cluster) = Cluster::create(&[]).await else {
        return;
    };
    let pool = cluster.pool();
    let store = Postgres::new(pool.clone());
    store.migrate().await.expect("the database can be migrated");
    let roles = "CREATE ROLE shop_web LOGIN; CREATE ROLE shop_worker LOGIN";
    run(&pool, &format!("{roles}; {TABLES}")).await;
    run(&pool, statement("GRANT INSERT ON")).await;
    run(&pool, statement("ON ALL TABLES")).await;
    run(&pool, "GRANT INSERT ON stock TO shop_worker").await;
    let of = |role| PgPool::connect_lazy_with(cluster.options().username(role));
    let (web, worker) = (of("shop_web"), of("shop_worker"));
    deliver(&bus(), &worker).await;
    order(&web, 1, "ann").await;
    deliver(&bus(), &worker).await;
    assert_eq!(rows(&pool, STOCK).await, ["1"]);
    assert!(build(&bus(), &web).await.is_err(), "it may only publish");
    // What people do with subscriptions, the role of the worker may, too.
    let store = Postgres::new(worker.clone());
    let split = state::split(&store, "guide.reserve", 4).await;
    split.expect("it may split");
    let join = state::join(&store, "guide.reserve").await;
    join.expect("it may join");
    let trimmed = store.trim(Duration::ZERO, 100).await;
    trimmed.expect("it may trim");
    let erased = store.erase("ann").await;
    erased.expect("it may erase");
    // Those behind PgBouncer, where the default is another.
    run(
        &pool,
        "ALTER DATABASE postgres SET default_transaction_isolation = 'serializable'",
    )
    .await;
    run(&pool, statement("ALTER ROLE shop_worker")).await;
    let behind = async |role| {
        let store = Postgres::new(of(role)).behind_pgbouncer();
        let worker = eventful::durable::Worker::builder(&bus(), store);
        worker.build().await
    };
    assert!(behind("postgres").await.is_err());
    behind("shop_worker").await.expect("it has the level");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_has_as_many_connections_as_the_guide_says() {
    let Some(database) = shop().await else {
        return;
    };
    for (listening, most) in [(false, 7), (true, 8)] {
        assert!(CHAPTER.contains(&format!("its pool, and {most} of the store's own")));
        let pool = PgPoolOptions::new().max_connections(4);
        let pool = pool.connect_lazy_with(database.options());
        let mut store = Postgres::new(pool.clone());
        if listening {
            store = store.listening();
        }
        let worker = eventful::durable::Worker::builder(&bus(), store.clone());
        let worker = worker.build().await.expect("the worker can be built");
        let handle = worker.handle();
        let running = tokio::spawn(async move { worker.run_until(std::future::pending()).await });
        let mut seen = 0;
        for number in 0..40 {
            order(&database.pool, number, &format!("customer {number}")).await;
            let mine = format!(
                "SELECT count(*) - {} FROM pg_stat_activity WHERE datname = current_database()",
                database.pool.size()
            );
            let count = rows(&database.pool, &mine).await[0].parse::<u32>();
            seen = seen.max(count.expect("it is a number"));
        }
        assert!((2..=4 + most).contains(&seen), "{seen} connections");
        let listen = "SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND query ILIKE 'LISTEN%'";
        let listens = rows(&database.pool, listen).await;
        assert_eq!(listens, [u8::from(listening).to_string()]);
        handle.stop(Duration::from_secs(5)).await;
        let stopped = running.await.expect("the worker does not panic");
        stopped.expect("the worker stops");
        store.close().await;
        pool.close().await;
    }
}

#[tokio::test]
async fn a_subscription_is_paused_split_and_joined_while_it_is_in_use() {
    let Some(database) = shop().await else {
        return;
    };
    let pool = &database.pool;
    let store = Postgres::new(pool.clone());
    let id = "guide.reserve";
    let partitions = async || {
        let states = store.subscriptions().await.expect("the store works");
        let state = states.into_iter().find(|it| it.id == id);
        state.expect("it is registered").partitions.len()
    };
    state::pause(&store, id).await.expect("the store works");
    order(pool, 1, "ann").await;
    deliver(&bus(), pool).await;
    assert_eq!(rows(pool, STOCK).await, [""; 0]);
    state::resume(&store, id).await.expect("the store works");
    state::split(&store, id, 4).await.expect("the store works");
    assert_eq!(partitions().await, 4);
    deliver(&bus(), pool).await;
    assert_eq!(rows(pool, STOCK).await, ["1"]);
    order(pool, 2, "bob").await;
    state::join(&store, id).await.expect("the store works");
    assert_eq!(partitions().await, 1);
    deliver(&bus(), pool).await;
    assert_eq!(rows(pool, STOCK).await, ["1", "2"]);
}

/// The worker knows what it has handled, and the promoted copy does not: the next events are delivered all the same.
#[tokio::test]
async fn a_failover_loses_what_the_copy_lacks_and_nothing_else() {
    let Some(primary) = Cluster::create(&[]).await else {
        return;
    };
    let pool = primary.pool();
    let store = Postgres::new(pool.clone());
    store.migrate().await.expect("the database can be migrated");
    run(&pool, TABLES).await;
    deliver(&bus(), &pool).await;
    order(&pool, 1, "ann").await;
    deliver(&bus(), &pool).await;
    order(&pool, 2, "ann").await;
    let copy = primary.standby().await;
    copy.catch_up(&primary).await;
    copy.disconnect().await;
    for number in 3..=5 {
        order(&pool, number, "ann").await;
    }
    deliver(&bus(), &pool).await;
    assert_eq!(rows(&pool, STOCK).await, ["1", "2", "3", "4", "5"]);
    copy.promote().await;
    let pool = copy.pool();
    // As in the old cluster: nothing has to be called.
    order(&pool, 6, "ann").await;
    deliver(&bus(), &pool).await;
    assert_eq!(rows(&pool, STOCK).await, ["1", "2", "6"]);
}

#[tokio::test]
async fn what_is_erased_is_in_no_table() {
    let Some(database) = shop().await else {
        return;
    };
    let pool = &database.pool;
    for (number, customer) in ["bob", "ann"].into_iter().enumerate() {
        order(pool, i64::try_from(number).expect("it is small"), customer).await;
    }
    // An event of each becomes a dead letter, or a retry.
    deliver(&bus(), pool).await;
    let store = Postgres::new(pool.clone());
    for key in ["ann", "bob"] {
        store.erase(key).await.expect("the store works");
        let found = format!(
            "SELECT (SELECT count(*) FROM eventful.log WHERE key = '{key}' AND length(payload) > 0)
            + (SELECT count(*) FROM eventful.dead WHERE key = '{key}' AND length(payload) > 0)"
        );
        assert_eq!(rows(pool, &found).await, ["0"], "{key}");
    }
}

#[tokio::test]
async fn a_shop_moves_from_sqlite_as_the_guide_says() {
    let Some(database) = migrated().await else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary directory can be made");
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("shop.db"))
        .create_if_missing(true);
    let file = SqlitePool::connect_with(options).await;
    let file = file.expect("the file can be made");
    let store = Sqlite::new(file.clone());
    store.migrate().await.expect("the file can be migrated");
    let tables = sqlx::raw_sql(TABLES).execute(&file).await;
    tables.expect("the table can be made");
    let old = Bus::isolated().with(reserve_in_file).build();
    let old = old.expect("the bus can be built");
    let drain = async || {
        let worker = eventful::durable::Worker::builder(&old, store.clone());
        let worker = worker.build().await.expect("the worker can be built");
        worker.run_until_idle().await.expect("the store works");
    };
    let waiting = async || -> i64 {
        let statement = statement("AS waiting").trim_start();
        let waiting = sqlx::query_scalar(statement).fetch_one(&file).await;
        waiting.expect("the statement of the guide runs")
    };
    drain().await;
    assert_eq!(waiting().await, 0);
    let event = OrderPlaced {
        order_id: 1,
        customer: "ann".to_owned(),
    };
    store.publish(&event).await.expect("it is published");
    assert_eq!(waiting().await, 1);
    drain().await;
    assert_eq!(waiting().await, 0);

    // The own table moves, and the other form of the handler goes on.
    let pool = &database.pool;
    run(pool, &format!("{TABLES}; INSERT INTO stock VALUES (1)")).await;
    let new = Bus::isolated().with(reserve).build();
    let new = new.expect("the bus can be built");
    deliver(&new, pool).await;
    order(pool, 2, "ann").await;
    deliver(&new, pool).await;
    assert_eq!(rows(pool, STOCK).await, ["1", "2"]);
}
