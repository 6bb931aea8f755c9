//! One big transaction, under a limit for statements.

use std::env;
use std::time::{Duration, Instant};

use eventful::durable::store::Store as _;
use sqlx::AssertSqlSafe;

use crate::server::TestDatabase;
use crate::shop::Shop;

/// The number of events. 500,000 if the variable is not there.
const EVENTS: &str = "EVENTFUL_FAULT_EVENTS";
/// The limit for half a million events.
const LIMIT: Duration = Duration::from_secs(3);

fn events() -> u32 {
    let events = env::var(EVENTS).ok().map(|events| events.parse());
    events.map_or(500_000, |events| events.expect("it is a number"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_step_of_a_big_import_is_bounded() {
    let Some(database) = TestDatabase::create().await else {
        return;
    };
    let name = database.options().get_database().map(str::to_owned);
    let events = events();
    // 30 seconds for five millions.
    let limit = LIMIT * (events / 500_000).max(1);
    let set = format!(
        "ALTER DATABASE {} SET statement_timeout = {}",
        name.expect("it has a name"),
        limit.as_millis()
    );
    let shop = Shop::open(database.options()).await;
    sqlx::raw_sql(AssertSqlSafe(set))
        .execute(&shop.pool)
        .await
        .expect("a superuser changes settings");
    // The store's own connections come later, and have the limit.
    let store = shop.store();
    shop.publish_many(10).await;
    let began = Instant::now();
    let import =
        "INSERT INTO eventful.log (id, name, version, key, slot, payload, occurred_at, headers)
         SELECT gen_random_uuid(), 'imported', 1, number::text, 0, '{}', now(), '{}'
         FROM generate_series(1, $1) AS number";
    let mut transaction = shop.pool.begin().await.expect("the server answers");
    sqlx::raw_sql("SET LOCAL statement_timeout = 0")
        .execute(&mut *transaction)
        .await
        .expect("anybody may");
    sqlx::query(import)
        .bind(i64::from(events))
        .execute(&mut *transaction)
        .await
        .expect("the table takes rows");
    transaction.commit().await.expect("the server commits");
    println!("{events} events imported in {:?}", began.elapsed());
    let mut steps = Vec::new();
    let began = Instant::now();
    let mut published = 10;
    loop {
        let began = Instant::now();
        let advanced = store.advance().await.expect("no step takes too long");
        steps.push(began.elapsed());
        if advanced.end.position.0 >= i64::from(events) + published {
            break;
        }
        if steps.len() % 10 == 0 && published < 30 {
            // It comes behind all of the import, whenever it comes.
            shop.publish_many(1).await;
            published += 1;
        }
        assert!(steps.len() < 10_000, "the import has no end");
    }
    let longest = steps.iter().max().expect("there are steps");
    println!(
        "{} steps in {:?}, the longest {longest:?}",
        steps.len(),
        began.elapsed()
    );
    assert!(*longest < limit, "{longest:?}");
    let disordered: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM (
             SELECT seq, lag(seq) OVER (ORDER BY position) AS before, position, row_number() OVER (ORDER BY position)
             FROM eventful.position) places
         WHERE seq < before OR position <> row_number",
    )
    .fetch_one(&shop.pool)
    .await
    .expect("the table can be read");
    assert_eq!(disordered, 0);
    let without: i64 = sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM eventful.log) - (SELECT count(*) FROM eventful.position)",
    )
    .fetch_one(&shop.pool)
    .await
    .expect("the tables can be read");
    assert_eq!(without, 0);
}
