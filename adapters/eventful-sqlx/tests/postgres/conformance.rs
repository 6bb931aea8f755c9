//! The store in a database keeps what every store promises.

use std::sync::Arc;

use eventful::durable::store::Store;
use eventful::durable::testing::conformance;
use eventful::store::Postgres;
use sqlx::PgPool;

use crate::server::{self, TestDatabase};

/// Runs the suite over stores in databases of their own.
pub(crate) async fn check(store: impl Fn(&TestDatabase) -> Postgres) {
    let databases = std::sync::Mutex::new(Vec::new());
    conformance::check(async || {
        let database = TestDatabase::create().await.expect("there is a server");
        let store = store(&database);
        store.migrate().await.expect("the database can be migrated");
        databases
            .lock()
            .expect("no check panics while it holds the lock")
            .push(database);
        Arc::new(store) as Arc<dyn Store>
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_keeps_what_stores_promise() {
    if server::shared().await.is_some() {
        check(|database| Postgres::new(database.pool.clone())).await;
    }
}

/// The transactions of handlers are the program's own, and as it begins them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_does_so_where_transactions_are_serializable() {
    if server::shared().await.is_none() {
        return;
    }
    check(|database| {
        let options = database.options();
        let options = options.options([("default_transaction_isolation", "serializable")]);
        Postgres::new(PgPool::connect_lazy_with(options))
    })
    .await;
}
