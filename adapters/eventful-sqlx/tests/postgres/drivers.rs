//! Publishes in transactions of other drivers.

use std::time::Duration;

use diesel::sql_query;
use diesel_async::{AsyncConnection as _, AsyncPgConnection};
use eventful::durable::{AppendError, Appends, Timestamp, slot_of};
use eventful::store::Postgres;
use eventful::{Bus, event, handler};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use crate::server::TestDatabase;
use crate::support::{Heard, deliver, migrated, rows, run, text};

#[event(durable, name = "driver.placed", key = order)]
#[derive(Serialize, Deserialize)]
struct Placed {
    order: i64,
}

#[handler(Placed, id = "driver.hear")]
async fn hear(event: &Placed, heard: &Heard) {
    heard.push(event.order);
}

/// A handler in its transaction forbids negative orders.
#[event(durable, name = "driver.checked")]
#[derive(Serialize, Deserialize)]
struct Checked {
    order: i64,
}

#[handler(Checked, in_transaction)]
async fn check(event: &Checked, connection: &mut AsyncPgConnection) -> Result<(), String> {
    insert(connection, event.order)
        .await
        .map_err(|error| error.to_string())?;
    if event.order < 0 {
        return Err("an order is not negative".to_owned());
    }
    Ok(())
}

/// A handler in its transaction takes a connection of sqlx.
#[event(durable, name = "driver.counted")]
#[derive(Serialize, Deserialize)]
struct Counted;

#[handler(Counted, in_transaction)]
async fn count(_: &Counted, _: &mut PgConnection) {}

fn bus(heard: &Heard) -> Bus {
    let builder = Bus::isolated().with(hear).with(check).with(count);
    let bus = builder.provide(heard.clone()).build();
    bus.expect("the bus can be built")
}

/// A database with a table of orders, in which the handlers are registered.
async fn shop(bus: &Bus) -> Option<TestDatabase> {
    let database = migrated().await?;
    run(&database.pool, "CREATE TABLE orders (id bigint NOT NULL)").await;
    deliver(bus, &database.pool).await;
    Some(database)
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// The URL without the options of sqlx.
fn url(database: &TestDatabase) -> String {
    let url = database.url();
    url.split('?').next().expect("it is not empty").to_owned()
}

async fn client(database: &TestDatabase) -> tokio_postgres::Client {
    let connected = tokio_postgres::connect(&url(database), tokio_postgres::NoTls).await;
    let (client, connection) = connected.expect("the server answers");
    tokio::spawn(connection);
    client
}

async fn connection(database: &TestDatabase) -> AsyncPgConnection {
    let connected = AsyncPgConnection::establish(&url(database)).await;
    connected.expect("the server answers")
}

async fn insert(connection: &mut AsyncPgConnection, order: i64) -> diesel::QueryResult<()> {
    let row = sql_query("INSERT INTO orders (id) VALUES ($1)");
    let row = row.bind::<diesel::sql_types::BigInt, _>(order);
    // A method of this name is of every type where the trait is in scope.
    diesel_async::RunQueryDsl::execute(row, connection)
        .await
        .map(drop)
}

/// The orders in the table, and those that were delivered.
async fn orders(bus: &Bus, database: &TestDatabase, heard: &Heard) -> (Vec<String>, Vec<i64>) {
    deliver(bus, &database.pool).await;
    let table = rows(&database.pool, "SELECT id FROM orders ORDER BY 1").await;
    (table, heard.all())
}

async fn place(transaction: &mut tokio_postgres::Transaction<'_>, order: i64) {
    transaction
        .execute("INSERT INTO orders (id) VALUES ($1)", &[&order])
        .await
        .expect("the table takes a row");
    let published = Placed { order }.publish(transaction).await;
    published.expect("the event is published");
}

#[tokio::test]
async fn tokio_postgres_commits_an_event_with_its_row_and_rolls_it_back_with_it() {
    let heard = Heard::default();
    let bus = bus(&heard);
    let Some(database) = shop(&bus).await else {
        return;
    };
    let mut client = client(&database).await;
    let mut transaction = client.transaction().await.expect("it begins");
    place(&mut transaction, 1).await;
    let mut savepoint = transaction.transaction().await.expect("a savepoint begins");
    place(&mut savepoint, 2).await;
    savepoint.rollback().await.expect("it rolls back");
    let mut savepoint = transaction.transaction().await.expect("a savepoint begins");
    place(&mut savepoint, 3).await;
    savepoint.commit().await.expect("it is released");
    transaction.commit().await.expect("it commits");
    let mut transaction = client.transaction().await.expect("it begins");
    place(&mut transaction, 4).await;
    drop(transaction);
    let both = (vec!["1".to_owned(), "3".to_owned()], vec![1, 3]);
    assert_eq!(orders(&bus, &database, &heard).await, both);
}

#[tokio::test]
async fn diesel_commits_an_event_with_its_row_and_rolls_it_back_with_it() {
    let heard = Heard::default();
    let bus = bus(&heard);
    let Some(database) = shop(&bus).await else {
        return;
    };
    let mut connection = connection(&database).await;
    let place = async |transaction: &mut AsyncPgConnection, order| {
        insert(transaction, order).await?;
        Placed { order }.publish(transaction).await?;
        Ok::<_, Failed>(())
    };
    let committed = connection.transaction(async |outer: &mut AsyncPgConnection| {
        place(outer, 1).await?;
        let undone = outer.transaction(async |inner: &mut AsyncPgConnection| {
            place(inner, 2).await?;
            Err::<(), Failed>("changed its mind".into())
        });
        undone.await.expect_err("it rolls back");
        outer
            .transaction(async |inner: &mut AsyncPgConnection| place(inner, 3).await)
            .await
    });
    committed.await.expect("it commits");
    let undone = connection.transaction(async |transaction: &mut AsyncPgConnection| {
        place(transaction, 4).await?;
        Err::<(), Failed>("changed its mind".into())
    });
    undone.await.expect_err("it rolls back");
    let both = (vec!["1".to_owned(), "3".to_owned()], vec![1, 3]);
    assert_eq!(orders(&bus, &database, &heard).await, both);
}

/// Publishes with each option: one event now, one that is past due, one later, and one of two under one word.
async fn publish_with_options<C: Appends<Postgres> + Send>(
    connection: &mut C,
) -> Result<(), AppendError> {
    let hour = Duration::from_hours(1);
    let (later, earlier) = (Timestamp::now() + hour, Timestamp::now() - hour);
    Placed { order: 1 }.publish(connection).await?;
    Placed { order: 2 }.publish(connection).at(earlier).await?;
    Placed { order: 3 }.publish(connection).at(later).await?;
    for order in [4, 5] {
        let event = Placed { order };
        event.publish(connection).once("a word").await?;
    }
    Ok(())
}

/// The events that are there after [`publish_with_options`].
async fn check_options(bus: &Bus, database: &TestDatabase, heard: &Heard) {
    deliver(bus, &database.pool).await;
    let mut delivered = heard.all();
    delivered.sort_unstable();
    assert_eq!(delivered, [1, 2, 4]);
    let scheduled = "SELECT key, version, slot, convert_from(payload, 'UTF8'),
        round(extract(epoch FROM due_at - now()) / 60), headers LIKE '%drivers.rs%' FROM eventful.scheduled";
    assert_eq!(
        rows(&database.pool, scheduled).await,
        [format!(r#"3 1 {} {{"order":3}} 60 t"#, slot_of("3"))]
    );
    let instants = "SELECT count(*) FROM eventful.events WHERE abs(extract(epoch FROM occurred_at - appended_at)) < 60";
    assert_eq!(rows(&database.pool, instants).await, ["3"]);
}

#[tokio::test]
async fn tokio_postgres_takes_every_option() {
    let heard = Heard::default();
    let bus = bus(&heard);
    let Some(database) = shop(&bus).await else {
        return;
    };
    let mut client = client(&database).await;
    let mut transaction = client.transaction().await.expect("it begins");
    let published = publish_with_options(&mut transaction).await;
    published.expect("the events are published");
    transaction.commit().await.expect("it commits");
    check_options(&bus, &database, &heard).await;
}

#[tokio::test]
async fn diesel_takes_every_option() {
    let heard = Heard::default();
    let bus = bus(&heard);
    let Some(database) = shop(&bus).await else {
        return;
    };
    let mut connection = connection(&database).await;
    let published = connection.transaction(async |transaction: &mut AsyncPgConnection| {
        let published = publish_with_options(transaction).await;
        Ok::<_, diesel::result::Error>(published)
    });
    let published = published.await.expect("it commits");
    published.expect("the events are published");
    check_options(&bus, &database, &heard).await;
}

#[tokio::test]
async fn a_handler_in_the_transaction_is_lent_the_connection_of_diesel() {
    let heard = Heard::default();
    let bus = bus(&heard);
    let Some(database) = shop(&bus).await else {
        return;
    };
    let mut connection = connection(&database).await;
    let committed = connection.transaction(async |transaction: &mut AsyncPgConnection| {
        insert(transaction, 1).await?;
        let kept = Checked { order: 2 };
        let published = bus.scope_async(kept.publish(transaction)).await;
        published.expect("the handler allows it");
        let refused = Checked { order: -3 };
        let published = bus.scope_async(refused.publish(transaction)).await;
        let error = text(&published.expect_err("the handler forbids it"));
        assert!(error.contains("an order is not negative"), "{error}");
        // What the handler wrote is undone, and nothing before it.
        Ok::<_, diesel::result::Error>(())
    });
    committed.await.expect("it commits");
    let table = rows(&database.pool, "SELECT id FROM orders ORDER BY 1").await;
    assert_eq!(table, ["1", "2"]);
    let log = rows(&database.pool, "SELECT count(*) FROM eventful.log").await;
    assert_eq!(log, ["1"]);
}

#[tokio::test]
async fn a_handler_that_takes_another_connection_fails_the_publish() {
    let heard = Heard::default();
    let bus = bus(&heard);
    let Some(database) = shop(&bus).await else {
        return;
    };
    let wanted = "of `driver.counted` wants a `&mut sqlx_postgres::connection::PgConnection`, and the event is \
        published with another type of connection";
    let mut client = client(&database).await;
    let mut transaction = client.transaction().await.expect("it begins");
    let published = bus.scope_async(Counted.publish(&mut transaction)).await;
    let error = text(&published.expect_err("there is nothing to lend"));
    assert!(error.contains(wanted), "{error}");
    transaction.commit().await.expect("it commits");
    let mut connection = connection(&database).await;
    let published = connection.transaction(async |transaction: &mut AsyncPgConnection| {
        let published = bus.scope_async(Counted.publish(transaction)).await;
        Ok::<_, diesel::result::Error>(published)
    });
    let published = published.await.expect("it commits");
    let error = text(&published.expect_err("another type is lent"));
    assert!(error.contains(wanted), "{error}");
    let log = rows(&database.pool, "SELECT count(*) FROM eventful.log").await;
    assert_eq!(log, ["0"]);
}

#[tokio::test]
async fn diesel_without_a_transaction_is_refused() {
    let Some(database) = migrated().await else {
        return;
    };
    let mut connection = connection(&database).await;
    let published = Placed { order: 1 }.publish(&mut connection).await;
    let error = published.expect_err("no transaction is open");
    assert_eq!(
        error.to_string(),
        "no transaction of diesel is open on this connection, so that the event could not be committed together with \
         anything: publish within `connection.transaction(async |transaction| { … })`, with `transaction`"
    );
    let log = rows(&database.pool, "SELECT count(*) FROM eventful.log").await;
    assert_eq!(log, ["0"]);
}

#[tokio::test]
async fn tokio_postgres_says_that_there_are_no_tables() {
    let Some(database) = TestDatabase::create().await else {
        return;
    };
    let mut client = client(&database).await;
    let mut transaction = client.transaction().await.expect("it begins");
    let published = Placed { order: 1 }.publish(&mut transaction).await;
    let error = published.expect_err("there are no tables");
    assert_eq!(
        error.to_string(),
        "`driver.placed` cannot be appended: the database has no tables of eventful: call \
         `Postgres::new(pool).migrate().await?` when the program starts"
    );
}

/// `PREPARE` and `EXECUTE` are in every driver.
#[tokio::test]
async fn the_statement_for_all_other_drivers_publishes() {
    let heard = Heard::default();
    let bus = bus(&heard);
    let Some(database) = shop(&bus).await else {
        return;
    };
    let statements = format!(
        "PREPARE publish (uuid, text, integer, text, smallint, bytea, timestamptz, text) AS {};
        BEGIN;
        INSERT INTO orders (id) VALUES (7);
        EXECUTE publish (gen_random_uuid(), 'driver.placed', 1, '7', {}, convert_to('{{\"order\":7}}', 'UTF8'), now(), '{{}}');
        COMMIT;
        DEALLOCATE publish",
        Postgres::append_sql(),
        slot_of("7"),
    );
    run(&database.pool, &statements).await;
    let both = (vec!["7".to_owned()], vec![7]);
    assert_eq!(orders(&bus, &database, &heard).await, both);
}
