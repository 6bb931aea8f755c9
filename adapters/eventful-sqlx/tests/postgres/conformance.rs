//! The store in a database keeps what every store promises.

use std::sync::Arc;

use eventful::durable::store::Store;
use eventful::durable::testing::conformance;
use eventful::store::Postgres;

use crate::server::TestDatabase;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_keeps_what_stores_promise() {
    let Some(first) = TestDatabase::create().await else {
        return;
    };
    let databases = std::sync::Mutex::new(vec![first]);
    conformance::check(async || {
        let database = TestDatabase::create().await.expect("there is a server");
        let store = Postgres::new(database.pool.clone());
        store.migrate().await.expect("the database can be migrated");
        databases
            .lock()
            .expect("no check panics while it holds the lock")
            .push(database);
        Arc::new(store) as Arc<dyn Store>
    })
    .await;
}
