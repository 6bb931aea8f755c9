//! Servers, roles and transactions that cannot work: the errors are clear, early, and nothing is lost.

use std::time::Duration;

use eventful::durable::Appends as _;
use eventful::durable::store::{Store as _, StoreError};
use eventful::store::{Postgres, PostgresTransaction};
use eventful::{Bus, event, handler};
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool};

use crate::server::{Cluster, TestDatabase};
use crate::support::{Heard, build, deliver, migrated, rows, run, text};

#[event(durable, name = "input.placed", key = order)]
#[derive(Serialize, Deserialize)]
struct Placed {
    order: String,
}

#[handler(Placed, id = "input.hear")]
async fn hear(event: &Placed, heard: &Heard) {
    heard.push(event.order.parse().expect("the tests number orders"));
}

#[handler(Placed, id = "input.write")]
async fn write(_: &Placed, _: &mut PgConnection) {}

fn placed(order: i64) -> Placed {
    let order = order.to_string();
    Placed { order }
}

fn bus(heard: &Heard) -> Bus {
    let bus = Bus::isolated().with(hear).provide(heard.clone()).build();
    bus.expect("the bus can be built")
}

async fn build_fails(pool: &PgPool) -> String {
    let built = build(&bus(&Heard::default()), pool).await;
    text(&built.expect_err("the worker cannot be built"))
}

async fn publish_fails(pool: &PgPool) -> String {
    let store = Postgres::new(pool.clone());
    let published = store.publish(&placed(1)).await;
    text(&published.expect_err("it cannot be published"))
}

async fn migrate_fails(options: PgConnectOptions) -> StoreError {
    let store = Postgres::new(PgPool::connect_lazy_with(options));
    let migrated = store.migrate().await;
    migrated.expect_err("it cannot be migrated")
}

async fn publish(pool: &PgPool, order: i64) {
    let store = Postgres::new(pool.clone());
    let published = store.publish(&placed(order)).await;
    published.unwrap_or_else(|error| panic!("{}", text(&error)));
    store.close().await;
}

/// A pool of another role on the same database.
fn pool_of(role: &str, options: PgConnectOptions) -> PgPool {
    PgPool::connect_lazy_with(options.username(role))
}

#[tokio::test]
async fn no_server_at_the_port() {
    let Some(database) = TestDatabase::create().await else {
        return;
    };
    // Nobody listens there.
    let options = database.options().port(1);
    let error = migrate_fails(options.clone()).await;
    let wanted = "there was no connection in time: no server answers at the host and port of the URL, or all connections \
        of the pool are in use";
    assert_eq!(
        error.to_string(),
        format!("cannot migrate the database: {wanted}")
    );
    assert!(!error.is_refused(), "it may be there later");
    let hasty = PgPoolOptions::new().acquire_timeout(Duration::from_millis(100));
    let published = publish_fails(&hasty.connect_lazy_with(options)).await;
    assert!(published.contains(wanted), "{published}");
}

#[tokio::test]
async fn no_server_of_the_name() {
    let Some(database) = TestDatabase::create().await else {
        return;
    };
    let error = migrate_fails(database.options().host("postgres.invalid")).await;
    let wanted = "cannot migrate the database: the server does not answer: is it running, and is the host of the URL right?";
    assert_eq!(error.to_string(), wanted);
}

#[tokio::test]
async fn no_database_of_the_name() {
    let Some(database) = TestDatabase::create().await else {
        return;
    };
    let error = migrate_fails(database.options().database("no_such_database")).await;
    assert_eq!(
        error.to_string(),
        "cannot migrate the database: the server has no such database"
    );
    assert!(text(&error).contains(r#"database "no_such_database" does not exist"#));
}

#[tokio::test]
async fn a_database_without_tables() {
    let Some(database) = TestDatabase::create().await else {
        return;
    };
    let wanted = "the database has no tables of eventful: call `Postgres::new(pool).migrate().await?` when the program starts";
    let published = publish_fails(&database.pool).await;
    let begin = format!("`input.placed` cannot be appended: {wanted}: ");
    assert!(published.starts_with(&begin), "{published}");
    let built = build_fails(&database.pool).await;
    assert!(built.contains(wanted), "{built}");
}

#[tokio::test]
async fn a_database_of_a_newer_version() {
    let Some(database) = migrated().await else {
        return;
    };
    let pool = &database.pool;
    run(pool, "INSERT INTO eventful.migration (version) VALUES (99)").await;
    let wanted = "a newer version of eventful has migrated this database: its tables have version 99, and this program \
        knows 1; update the program";
    let built = build_fails(pool).await;
    assert!(built.contains(wanted), "{built}");
    let error = migrate_fails(database.options()).await;
    assert_eq!(error.to_string(), wanted);
    assert!(error.is_refused());
}

#[tokio::test]
async fn a_role_that_may_not_make_the_tables() {
    let Some(cluster) = Cluster::create(&[]).await else {
        return;
    };
    run(&cluster.pool(), "CREATE ROLE guest LOGIN").await;
    let error = migrate_fails(cluster.options().username("guest")).await;
    assert_eq!(
        error.to_string(),
        "cannot migrate the database: the role may not make the schema `eventful`, or change what is in it: migrate as the \
         owner of the database, or of the schema, or have that role run the SQL of `Postgres::schema()`"
    );
    // The other way out.
    run(&cluster.pool(), &Postgres::schema()).await;
    let store = Postgres::new(cluster.pool());
    store.migrate().await.expect("nothing is left to migrate");
}

#[tokio::test]
async fn roles_with_fewer_rights() {
    let Some(cluster) = Cluster::create(&[]).await else {
        return;
    };
    let pool = cluster.pool();
    let store = Postgres::new(pool.clone());
    store.migrate().await.expect("the database can be migrated");
    let roles = "CREATE ROLE guest LOGIN; CREATE ROLE publisher LOGIN; CREATE ROLE worker LOGIN";
    run(&pool, roles).await;
    let wanted = "the role lacks a right. To publish it needs `GRANT USAGE ON SCHEMA eventful` and `GRANT INSERT ON \
        eventful.log, eventful.scheduled, eventful.once`; to run a worker, `GRANT USAGE ON SCHEMA eventful` and \
        `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA eventful`";
    let published = publish_fails(&pool_of("guest", cluster.options())).await;
    assert!(published.contains(wanted), "{published}");

    // The rights that the text names, to the letter, are enough, and no more than enough.
    let statements: Vec<&str> = wanted.split('`').skip(1).step_by(2).collect();
    let [schema, insert, same_schema, all] = statements[..] else {
        panic!("the text has four statements: {statements:?}");
    };
    assert_eq!(schema, same_schema);
    run(&pool, &format!("{schema} TO publisher, worker")).await;
    run(&pool, &format!("{insert} TO publisher")).await;
    run(&pool, &format!("{all} TO worker")).await;
    let heard = Heard::default();
    // Before the first publish: it registers the handlers.
    deliver(&bus(&heard), &pool_of("worker", cluster.options())).await;
    let web = pool_of("publisher", cluster.options());
    let mut transaction = web.begin().await.expect("it begins");
    for order in 1..=2 {
        let event = placed(order);
        let once = event.publish(&mut transaction).once("a word");
        once.await.expect("it may publish");
        let past = eventful::durable::Timestamp::UNIX_EPOCH;
        let at = event.publish(&mut transaction).at(past);
        at.await.expect("it may publish");
    }
    transaction.commit().await.expect("it commits");
    let built = build_fails(&web).await;
    assert!(built.contains(wanted), "{built}");
    deliver(&bus(&heard), &pool_of("worker", cluster.options())).await;
    let mut orders = heard.all();
    orders.sort_unstable();
    assert_eq!(
        orders,
        [1, 1, 2],
        "twice at an instant, and once under the word"
    );
}

#[tokio::test]
async fn a_sequence_that_hands_out_many_numbers_at_once() {
    let Some(database) = migrated().await else {
        return;
    };
    let alter = "ALTER TABLE eventful.log ALTER COLUMN seq SET CACHE";
    run(&database.pool, &format!("{alter} 32")).await;
    let built = build_fails(&database.pool).await;
    let wanted = format!(
        "the sequence of eventful.log hands out 32 numbers at once, which puts events out of order: `{alter} 1`"
    );
    assert!(built.contains(&wanted), "{built}");
    run(&database.pool, &format!("{alter} 1")).await;
    deliver(&bus(&Heard::default()), &database.pool).await;
}

#[tokio::test]
async fn a_database_that_was_restored_into_another_cluster() {
    let Some(old) = Cluster::create(&[]).await else {
        return;
    };
    let new = Cluster::create(&[]).await.expect("there is PostgreSQL");
    let store = Postgres::new(old.pool());
    store.migrate().await.expect("the database can be migrated");
    let heard = Heard::default();
    let bus = bus(&heard);
    deliver(&bus, &old.pool()).await;
    for order in 1..=2 {
        publish(&old.pool(), order).await;
    }
    deliver(&bus, &old.pool()).await;
    publish(&old.pool(), 3).await;
    // This one has its position and the next one has none.
    store.advance().await.expect("the store works");
    publish(&old.pool(), 4).await;
    old.dump_into(&new).await;

    let pool = new.pool();
    let built = build_fails(&pool).await;
    let wanted = "the log was made in another cluster of PostgreSQL, with other transaction ids: was the database restored \
        from a dump, or upgraded? Stop all programs that use it, and call `Postgres::new(pool).rebase().await?` once";
    assert!(built.contains(wanted), "{built}");
    // It may be published meanwhile.
    publish(&pool, 5).await;
    assert_eq!(heard.all(), [1, 2]);
    let store = Postgres::new(pool.clone());
    store.rebase().await.expect("the log can be moved");
    deliver(&bus, &pool).await;
    assert_eq!(heard.all(), [1, 2, 3, 4, 5]);
    publish(&pool, 6).await;
    deliver(&bus, &pool).await;
    assert_eq!(heard.all(), [1, 2, 3, 4, 5, 6]);
    let positions = "SELECT string_agg(position::text, ' ' ORDER BY position) FROM eventful.events";
    assert_eq!(rows(&pool, positions).await, ["1 2 3 4 5 6"]);
}

#[tokio::test]
async fn a_standby() {
    let Some(primary) = Cluster::create(&[]).await else {
        return;
    };
    let store = Postgres::new(primary.pool());
    store.migrate().await.expect("the database can be migrated");
    let standby = primary.standby().await;
    standby.catch_up(&primary).await;
    let built = build_fails(&standby.pool()).await;
    let wanted = "this server is a standby, whose snapshots do not know the open transactions: connect to the primary, \
        with `target_session_attrs=read-write` where several hosts have one name";
    assert!(built.contains(wanted), "{built}");
    let published = publish_fails(&standby.pool()).await;
    let wanted = "the server takes no writes: it is a standby, or read-only";
    assert!(published.contains(wanted), "{published}");
}

#[tokio::test]
async fn a_pool_that_is_too_small_for_transactional_handlers() {
    let Some(database) = migrated().await else {
        return;
    };
    let pool = |size| {
        let pool = PgPoolOptions::new().max_connections(size);
        pool.connect_lazy_with(database.options())
    };
    let heard = Heard::default();
    let both = Bus::isolated().with(hear).with(write);
    let both = both.provide(heard.clone()).build();
    let both = both.expect("the bus can be built");
    let built = build(&both, &pool(1)).await;
    let error = built.expect_err("no connection is left for the program");
    assert_eq!(
        error.to_string(),
        "the worker cannot be built: `input.write` runs on a connection of the pool that the store was made with, and \
         the pool has one connection: it needs at least 2, so that one is left for the program"
    );
    // Other handlers need none of it.
    deliver(&bus(&heard), &pool(1)).await;
    publish(&pool(1), 1).await;
    deliver(&both, &pool(2)).await;
    assert_eq!(heard.all(), [1]);
}

#[tokio::test]
async fn a_database_whose_transactions_are_serializable() {
    let Some(database) = migrated().await else {
        return;
    };
    let name = rows(&database.pool, "SELECT current_database()").await;
    let set = "SET default_transaction_isolation = 'serializable'";
    let set = format!("ALTER DATABASE {} {set}", name[0]);
    run(&database.pool, &set).await;
    let pool = PgPool::connect_lazy_with(database.options());
    let isolation = rows(&pool, "SHOW transaction_isolation").await;
    assert_eq!(isolation, ["serializable"]);
    let heard = Heard::default();
    let bus = bus(&heard);
    deliver(&bus, &pool).await;
    publish(&pool, 1).await;
    deliver(&bus, &pool).await;
    assert_eq!(heard.all(), [1]);

    // There, the connections have no settings of the store's own.
    let store = Postgres::new(pool).behind_pgbouncer();
    let built = eventful::durable::Worker::builder(&bus, store)
        .build()
        .await;
    let error = text(&built.expect_err("its steps would make publishers fail"));
    let wanted = "the store's connections begin transactions as `serializable`, which would make publishers fail: \
        `ALTER ROLE … SET default_transaction_isolation = 'read committed'` for its role";
    assert!(error.contains(wanted), "{error}");
}

#[tokio::test]
async fn a_connection_without_a_transaction() {
    let Some(database) = migrated().await else {
        return;
    };
    let mut connection = database.pool.acquire().await.expect("one is free");
    let connection: &mut PgConnection = &mut connection;
    let published = placed(1).publish(&mut *connection).await;
    let wanted = "no transaction is open on this connection, so that the event could not be committed together with \
        anything: begin one with `pool.begin()`, publish with `&mut transaction`, and commit it; or use \
        `store.publish(&event)`";
    let error = published.expect_err("no transaction is open");
    assert_eq!(error.to_string(), wanted);
    let error = connection.savepoint().await;
    let error = error.expect_err("no transaction is open");
    assert_eq!(error.to_string(), wanted);
}

/// The error of a publish in this transaction, without its sources.
async fn publish_in(transaction: &mut PostgresTransaction, event: Placed) -> String {
    let published = event.publish(transaction).await;
    let error = published.expect_err("it cannot be published");
    error.to_string()
}

#[tokio::test]
async fn a_key_with_a_nul_and_the_transaction_after_it() {
    let Some(database) = migrated().await else {
        return;
    };
    let mut transaction = database.pool.begin().await.expect("it begins");
    let with_nul = Placed {
        order: "a\0b".to_owned(),
    };
    assert_eq!(
        publish_in(&mut transaction, with_nul).await,
        "`input.placed` cannot be appended: PostgreSQL stores no text with a NUL in it"
    );
    assert_eq!(
        publish_in(&mut transaction, placed(1)).await,
        "`input.placed` cannot be appended: an earlier statement of this transaction has failed, so that the server \
         ignores it: roll it back"
    );
    drop(transaction);
    publish(&database.pool, 2).await;
}
