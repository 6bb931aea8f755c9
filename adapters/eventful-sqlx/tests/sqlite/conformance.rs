//! The store in a file keeps what every store promises.

use std::sync::Arc;

use eventful::durable::store::Store;
use eventful::durable::testing::conformance;

use crate::support::TestFile;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_keeps_what_stores_promise() {
    let files = std::sync::Mutex::new(Vec::new());
    conformance::check(async || {
        let file = TestFile::migrated().await;
        let store = Arc::new(file.store()) as Arc<dyn Store>;
        files
            .lock()
            .expect("no check panics while it holds the lock")
            .push(file);
        store
    })
    .await;
}
