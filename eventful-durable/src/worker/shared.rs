//! The state that the tasks of a worker share.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Semaphore, watch};
use tokio::time::Instant;
use uuid::Uuid;

use super::options::Options;
use super::policy::Policy;
use super::process::Process;
use super::text::panic_text;
use crate::Subscription;
use crate::observe::{DurableObserver, Notice, log};
use crate::store::{Advanced, Announcement, Needs, Partition, Place, Store, StoreError};

pub(super) struct Shared {
    pub(super) store: Arc<dyn Store>,
    pub(super) subscriptions: Vec<Arc<Subscribed>>,
    pub(super) options: Options,
    pub(super) process: Process,
    pub(super) observers: Vec<Arc<dyn DurableObserver>>,
    pub(super) id: Uuid,
    pub(super) transactions: Arc<Semaphore>,
    /// The news about the log. Runners wait for it.
    pub(super) news: watch::Sender<News>,
    /// The other workers that are there.
    pub(super) peers: watch::Sender<Vec<Announcement>>,
    pub(super) clock: StoreClock,
    /// The partitions that this worker holds.
    pub(super) holds: Mutex<Vec<Partition>>,
    #[cfg(any(test, feature = "crash"))]
    pub(super) sabotage: super::Sabotage,
}

/// A subscription, and how this worker runs it.
pub(super) struct Subscribed {
    pub(super) subscription: Subscription,
    pub(super) policy: Policy,
}

/// News about the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct News {
    /// The place of the last event.
    pub(super) end: Place,
    /// The number of times that the store's bell has rung.
    pub(super) rung: u64,
}

impl Shared {
    /// Tells everybody who wants to know. An observer that panics ends nothing.
    pub(super) fn notice(&self, notice: &Notice<'_>) {
        log(notice);
        for observer in &self.observers {
            let told = catch_unwind(AssertUnwindSafe(|| observer.noticed(notice)));
            if let Err(payload) = told {
                let panic = panic_text(&*payload);
                // The payload of a panic is the user's, too.
                std::mem::forget(payload);
                tracing::error!(panic, "an observer of the worker has panicked");
            }
        }
    }

    pub(super) fn store_failed(&self, step: &str, error: &StoreError) {
        self.notice(&Notice::StoreFailed { step, error });
    }

    /// Moves the log on, and learns its end and the store's time.
    pub(super) async fn advance(&self) -> Result<Advanced, StoreError> {
        let before = Instant::now();
        let advanced = self.store.advance().await?;
        self.clock.set(advanced.now, before);
        self.news.send_if_modified(|news| {
            let is_new = news.end != advanced.end;
            news.end = advanced.end;
            is_new
        });
        Ok(advanced)
    }

    /// Says that this worker is there, and learns who else is.
    pub(super) async fn announce(&self, ttl: Duration) -> Result<(), StoreError> {
        let knows = self
            .subscriptions
            .iter()
            .filter(|it| !it.subscription.each_process);
        let knows = knows.map(|it| (it.subscription.id.clone(), it.subscription.names.clone()));
        let announcement = Announcement {
            worker: self.id,
            label: self.options.label.clone(),
            knows: knows.collect(),
            holds: self.holds().clone(),
        };
        let peers = self.store.announce(&announcement, ttl).await?;
        self.peers.send_if_modified(|known| {
            let is_new = *known != peers;
            *known = peers;
            is_new
        });
        Ok(())
    }

    pub(super) fn holds(&self) -> MutexGuard<'_, Vec<Partition>> {
        self.holds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscribed {
    pub(super) fn id(&self) -> &str {
        &self.subscription.id
    }

    /// Returns true if this program can handle such an event.
    pub(super) fn knows(&self, needs: &Needs) -> bool {
        knows(&self.subscription.names, needs)
    }

    /// Returns true if one of these workers can run the subscription for such an event.
    pub(super) fn is_known_to(&self, peers: &[Announcement], needs: &Needs) -> bool {
        peers.iter().any(|peer| {
            let names = peer.knows.get(self.id());
            names.is_some_and(|names| knows(names, needs))
        })
    }
}

fn knows(names: &BTreeMap<String, u32>, needs: &Needs) -> bool {
    names
        .get(&needs.name)
        .is_some_and(|version| *version >= needs.version)
}

/// The worker's idea of the store's clock, for texts and for handlers. Nothing is decided by it.
pub(super) struct StoreClock {
    seen: Mutex<(Timestamp, Instant)>,
}

impl StoreClock {
    pub(super) fn at(now: Timestamp) -> Self {
        Self {
            seen: Mutex::new((now, Instant::now())),
        }
    }

    fn set(&self, now: Timestamp, at: Instant) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = (now, at);
    }

    /// The time of the latest answer.
    pub(super) fn seen_at(&self) -> Instant {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.1
    }

    pub(super) fn now(&self) -> Timestamp {
        let (seen, at) = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.saturating_add(at.elapsed()).unwrap_or(Timestamp::MAX)
    }
}
