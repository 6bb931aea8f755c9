//! Workers whose clocks are an hour ahead and an hour late: only the server's clock counts.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::child::WorkerProcess;
use crate::server::TestDatabase;
use crate::shop::{FLAKY, Shop};

/// The library of Debian's package faketime.
fn library() -> Option<PathBuf> {
    let folders = [
        "/usr/lib/x86_64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
        "/usr/lib",
    ];
    let files = folders.map(|folder| Path::new(folder).join("faketime/libfaketime.so.1"));
    let library = files.into_iter().find(|file| file.exists());
    if library.is_none() {
        crate::skip("clocks that are wrong: there is no faketime");
    }
    library
}

fn start(shop: &Shop, url: &str, library: &Path, offset: &str) -> WorkerProcess {
    WorkerProcess::start_with(shop, url, |command| {
        command
            .env("LD_PRELOAD", library)
            .env("FAKETIME", offset)
            // The monotonic clock is right.
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leases_and_retries_are_by_the_clock_of_the_server() {
    let Some(library) = library() else {
        return;
    };
    let Some(database) = TestDatabase::create().await else {
        return;
    };
    let shop = Shop::open(database.options()).await;
    let early = start(&shop, &database.url(), &library, "+1h");
    shop.publish_many(10).await;
    shop.wait_until_handled().await;
    let tokens = async || -> Vec<sqlx::types::Uuid> {
        let tokens = "SELECT token FROM eventful.lease WHERE token IS NOT NULL ORDER BY partition";
        let tokens = sqlx::query_scalar(tokens).fetch_all(&shop.pool).await;
        tokens.expect("the table can be read")
    };
    let taken = tokens().await;
    assert_eq!(taken.len(), 2);
    // Retries, too.
    let began = Instant::now();
    for key in FLAKY..FLAKY + 10 {
        shop.publish(key).await.expect("the server takes events");
    }
    shop.wait_until_handled().await;
    println!("retries ahead: {:?}", began.elapsed());
    assert_eq!(tokens().await, taken, "the lease is kept");
    // The other one takes over when they have run out.
    drop(early);
    let began = Instant::now();
    let _late = start(&shop, &database.url(), &library, "-1h");
    for key in FLAKY..FLAKY + 10 {
        shop.publish(key).await.expect("the server takes events");
    }
    shop.wait_until_handled().await;
    println!("takeover and retries behind: {:?}", began.elapsed());
    shop.plain().await.assert_at_least_once();
    shop.effects().await.assert_exactly_once();
    assert!(tokens().await.iter().all(|token| !taken.contains(token)));
}
