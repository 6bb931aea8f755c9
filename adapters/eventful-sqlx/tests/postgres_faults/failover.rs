//! A failover to a copy that lags. What the copy lacks is gone, and nothing else.

use std::time::Duration;

use eventful::durable::WorkerBuilder;

use crate::fault::Fault;
use crate::forwarder::Forwarder;
use crate::server::Cluster;
use crate::shop::{CONNECTIONS, Running, Shop};
use crate::verdict::Verdict;

/// A primary with a copy that is about to lag, and a shop that knows neither by name.
struct Pair {
    primary: Cluster,
    standby: Cluster,
    forwarder: Forwarder,
    shop: Shop,
}

impl Pair {
    /// A pair that has handled and acknowledged 20 events.
    async fn open(fault: Fault) -> Option<(Self, Running)> {
        let primary = Cluster::create(&[]).await?;
        let forwarder = Forwarder::to(&primary.options()).await;
        let shop = Shop::open(forwarder.options(&primary.options())).await;
        fault.make(&shop.pool).await;
        // No event that waits is put aside, and no lease runs out meanwhile.
        let patient = |builder: WorkerBuilder| {
            builder
                .deadline(Duration::from_mins(1))
                .lease(Duration::from_secs(20))
        };
        let worker = shop.worker_with(patient).await;
        shop.publish_many(20).await;
        shop.wait_until_handled().await;
        shop.wait_until_acknowledged().await;
        let standby = primary.standby().await;
        standby.catch_up(&primary).await;
        let pair = Self {
            primary,
            standby,
            forwarder,
            shop,
        };
        Some((pair, worker))
    }

    /// Has the copy lack what follows.
    async fn lag(&self) {
        self.standby.catch_up(&self.primary).await;
        self.standby.disconnect().await;
    }

    async fn fail_over(&self) {
        self.forwarder.cut();
        self.standby.promote().await;
        self.forwarder.lead_to(&self.standby.options());
    }

    /// The verdict on the plain handler: it has seen what the copy lacks, too.
    async fn plain(&self) -> Verdict {
        Verdict {
            phantom: Vec::new(),
            ..self.shop.plain().await
        }
    }
}

/// The worker is idle, and has come to a position that the copy does not have.
async fn goes_on_behind_its_cursor(before: i64, after: i64) {
    let Some((pair, worker)) = Pair::open(Fault::None).await else {
        return;
    };
    pair.lag().await;
    pair.shop.publish_many(before).await;
    pair.shop.wait_until_handled().await;
    pair.shop.wait_until_acknowledged().await;
    pair.fail_over().await;
    pair.shop.publish_many(after).await;
    pair.shop.wait_until_handled().await;
    assert_eq!(
        pair.shop.committed().await.len(),
        20 + usize::try_from(after).expect("it is small")
    );
    pair.plain().await.assert_at_least_once();
    pair.shop.effects().await.assert_exactly_once();
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fewer_events_than_were_lost_are_delivered() {
    goes_on_behind_its_cursor(40, 10).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn as_many_events_as_were_lost_are_delivered() {
    goes_on_behind_its_cursor(40, 40).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_events_than_were_lost_are_delivered() {
    goes_on_behind_its_cursor(40, 60).await;
}

/// Handlers run that were started by the old primary, and end after the failover.
async fn ends_after_the_failover(fault: Fault) -> Option<(Verdict, Verdict)> {
    let (pair, worker) = Pair::open(fault).await?;
    pair.shop.gates.plain.shut();
    pair.shop.gates.effects.shut();
    pair.lag().await;
    // More than run at once: the rest begins after the failover.
    pair.shop.publish_at_once(30).await;
    pair.shop.gates.plain.wait_for(1).await;
    pair.shop.gates.effects.wait_for(CONNECTIONS - 1).await;
    pair.fail_over().await;
    pair.shop.publish_many(60).await;
    pair.shop.wait_until_positioned().await;
    pair.shop.gates.plain.open();
    pair.shop.gates.effects.open();
    pair.shop.wait_until_handled().await;
    let verdicts = (pair.plain().await, pair.shop.effects().await);
    println!("plain: {}\neffects: {}", verdicts.0, verdicts.1);
    worker.stop().await;
    Some(verdicts)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ends_after_the_failover_counts_for_nothing() {
    let Some((plain, effects)) = ends_after_the_failover(Fault::None).await else {
        return;
    };
    plain.assert_at_least_once();
    effects.assert_exactly_once();
}

/// Makes a fault, a few times if it must be, until it is found: a failover that takes long lets go of what runs.
async fn finds(fault: Fault, is_found: impl Fn(&Verdict, &Verdict) -> bool) {
    for _ in 0..4 {
        let Some((plain, effects)) = ends_after_the_failover(fault).await else {
            return;
        };
        if is_found(&plain, &effects) {
            return;
        }
    }
    panic!("it is not found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledgements_that_compare_no_steps_lose() {
    finds(Fault::StepsAlike, |plain, _| !plain.lost.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn done_rows_that_compare_no_events_lose() {
    finds(Fault::IdsAlike, |_, effects| !effects.lost.is_empty()).await;
}
