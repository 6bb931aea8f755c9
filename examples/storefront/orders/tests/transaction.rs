//! Handlers that work in a database transaction of the publisher, which an event lends them with `with = mut …`.

use eventful::{Bus, Delivered, PublishError, event, handler, handlers};
use sqlx::{Connection as _, Row as _, SqliteConnection};

#[event(async, fail_fast, with = mut SqliteConnection)]
struct Ordered {
    items: i64,
}

#[handler(Ordered)]
async fn write_audit(
    event: &Ordered,
    connection: &mut SqliteConnection,
) -> Result<(), sqlx::Error> {
    sqlx::query("insert into audit (items) values (?)")
        .bind(event.items)
        .execute(&mut *connection)
        .await?;
    // Again, to see that the connection can be used more than once.
    sqlx::query("update audit set items = items + 0")
        .execute(connection)
        .await?;
    Ok(())
}

struct Warehouse {
    largest: i64,
}

#[handlers]
impl Warehouse {
    #[handler(Ordered, after = write_audit)]
    async fn reserve(
        &self,
        event: &Ordered,
        connection: &mut SqliteConnection,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        sqlx::query("update stock set items = items - ?")
            .bind(event.items)
            .execute(&mut *connection)
            .await?;
        let left: i64 = sqlx::query("select items from stock")
            .fetch_one(connection)
            .await?
            .get(0);
        if left < 0 || event.items > self.largest {
            return Err(format!("{left} would be left").into());
        }
        Ok(())
    }
}

async fn database() -> SqliteConnection {
    let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    for statement in [
        "create table audit (items integer not null)",
        "create table stock (items integer not null)",
        "insert into stock values (9)",
    ] {
        sqlx::query(statement)
            .execute(&mut connection)
            .await
            .unwrap();
    }
    connection
}

/// The number of lines in the audit, and what is in stock.
async fn written(connection: &mut SqliteConnection) -> (i64, i64) {
    let row = sqlx::query("select (select count(*) from audit), (select items from stock)")
        .fetch_one(connection)
        .await
        .unwrap();
    (row.get(0), row.get(1))
}

fn bus() -> Bus {
    Bus::isolated()
        .provide(Warehouse { largest: 100 })
        .with(write_audit)
        .with(Warehouse::reserve)
        .build()
        .unwrap()
}

/// Orders in a transaction, which is committed if every handler has done its part.
async fn order(
    bus: &Bus,
    connection: &mut SqliteConnection,
    items: i64,
) -> Result<Delivered, PublishError> {
    let mut transaction = connection.begin().await.unwrap();
    let delivered = bus
        .publish_with(&Ordered { items }, &mut *transaction)
        .await?;
    transaction.commit().await.unwrap();
    Ok(delivered)
}

#[tokio::test]
async fn what_handlers_write_is_committed_with_the_publishers_transaction() {
    let (bus, mut connection) = (bus(), database().await);
    assert_eq!(order(&bus, &mut connection, 4).await.unwrap().handled(), 2);
    assert_eq!(written(&mut connection).await, (1, 5));
}

#[tokio::test]
async fn a_handler_that_fails_aborts_the_transaction_with_all_that_was_written() {
    let (bus, mut connection) = (bus(), database().await);
    let error = order(&bus, &mut connection, 10).await.unwrap_err();
    assert_eq!(error.failures()[0].message(), "-1 would be left");
    assert_eq!(
        written(&mut connection).await,
        (0, 9),
        "the audit is gone, too"
    );
}

#[tokio::test]
async fn a_publish_that_is_dropped_gives_the_connection_back_and_the_transaction_is_rolled_back() {
    let (bus, mut connection) = (bus(), database().await);
    for _ in 0..20 {
        let mut transaction = connection.begin().await.unwrap();
        let event = Ordered { items: 1 };
        let publish = bus.publish_with(&event, &mut *transaction);
        tokio::select! {
            biased;
            // Should the database answer at once, the publish is over.
            _ = publish => {}
            () = std::future::ready(()) => {}
        }
        // Dropping the future has ended the loan.
        sqlx::query("update stock set items = 100")
            .execute(&mut *transaction)
            .await
            .unwrap();
        drop(transaction);
        assert_eq!(written(&mut connection).await, (0, 9));
    }
}
