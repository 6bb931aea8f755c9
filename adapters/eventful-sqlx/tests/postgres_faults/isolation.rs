//! A database whose transactions are serializable unless they say otherwise.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::AssertSqlSafe;
use tokio::task::JoinSet;

use crate::fault_time;
use crate::server::TestDatabase;
use crate::shop::{Fallible, Shop};

/// A table that publishers read, and another program writes. Each publisher has an edge to that program, and would fail
/// if a reader of the log had one to the publisher: <https://www.postgresql.org/docs/current/transaction-iso.html>.
const STOCK: &str = "CREATE TABLE stock (number bigint NOT NULL); INSERT INTO stock VALUES (0)";

async fn publish(shop: &Shop, key: i64) -> Fallible<()> {
    let mut transaction = shop.pool.begin().await?;
    let number: i64 = sqlx::query_scalar("SELECT number FROM stock")
        .fetch_one(&mut *transaction)
        .await?;
    std::hint::black_box(number);
    shop.publish_with(&mut transaction, key).await?;
    transaction.commit().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn serializable_publishers_do_not_fail_because_of_the_worker() {
    let Some(database) = TestDatabase::create().await else {
        return;
    };
    let name = database.options().get_database().map(str::to_owned);
    let name = name.expect("it has a name");
    let set = format!("ALTER DATABASE {name} SET default_transaction_isolation = serializable");
    sqlx::raw_sql(AssertSqlSafe(set))
        .execute(&database.pool)
        .await
        .expect("a superuser changes settings");
    let shop = Arc::new(Shop::open(database.options()).await);
    sqlx::raw_sql(STOCK)
        .execute(&shop.pool)
        .await
        .expect("the database takes tables");
    let level: String = sqlx::query_scalar("SHOW transaction_isolation")
        .fetch_one(&shop.pool)
        .await
        .expect("it is a setting");
    assert_eq!(level, "serializable");
    // The transactions of handlers are the program's own, and serializable, too.
    let worker = shop.worker().await;
    let time = fault_time(Duration::from_secs(4));
    let began = Instant::now();
    let mut publishers = JoinSet::new();
    for publisher in 0..3 {
        let shop = shop.clone();
        publishers.spawn(async move {
            let mut errors = Vec::new();
            while began.elapsed() < time {
                // A key of its own: publishers are in nobody's way.
                if let Err(error) = publish(&shop, 1 + publisher).await {
                    errors.push(error.to_string());
                }
            }
            errors
        });
    }
    let mut writes = 0;
    while began.elapsed() < time {
        sqlx::query("UPDATE stock SET number = number + 1")
            .execute(&shop.pool)
            .await
            .expect("nobody else writes it");
        writes += 1;
    }
    let errors: Vec<_> = publishers.join_all().await.into_iter().flatten().collect();
    let committed = shop.committed().await.len();
    println!(
        "{committed} committed, {writes} writes, {} errors",
        errors.len()
    );
    assert_eq!(errors, [""; 0]);
    shop.wait_until_handled().await;
    shop.plain().await.assert_at_least_once();
    shop.effects().await.assert_exactly_once();
    worker.stop().await;
}
