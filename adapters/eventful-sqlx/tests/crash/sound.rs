//! Runs that find nothing.

use std::time::Duration;

use eventful::durable::testing::crash::{self, Broken, Run};

use crate::alone;
use crate::file::File;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost() {
    let _alone = alone().await;
    let report = Run::new(crash::test("child")).run::<File>().await;
    println!("{report}");
    println!("{:?}", report.failpoints);
    report.assert_sound();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_in_a_split() {
    let _alone = alone().await;
    let run = Run::new(crash::test("child")).split(4).failing(3);
    let report = run.run::<File>().await;
    println!("{report}");
    report.assert_sound();
}

/// The token alone guards the store if workers do not notice that they have lost a lease.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_holds_on_to_its_leases_harms_nobody() {
    let _alone = alone().await;
    let run = Run::new(crash::test("child")).broken(Broken::ImmortalLeases);
    let run = run.pause(Duration::from_secs(1), Duration::from_secs(2));
    let report = run.run::<File>().await;
    println!("{report}");
    report.assert_sound();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_kills_its_worker_is_the_only_dead_letter() {
    let _alone = alone().await;
    let report = Run::new(crash::test("child")).poison::<File>().await;
    println!("{report}");
    report.assert_sound();
}
