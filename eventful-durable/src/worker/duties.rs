//! The duties of a worker beside delivering: it moves the log on, renews its leases, and keeps house.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::crew::ActiveLeases;
use super::shared::Shared;
use crate::observe::Notice;
use crate::store::{Store, StoreError, Trimmed};

/// The tasks of these duties. They end when it is dropped.
pub(super) struct Duties {
    tasks: JoinSet<()>,
}

/// The pause between two looks at what may be trimmed.
const HOUSEKEEPING: Duration = Duration::from_secs(60);
/// The most events that are trimmed in one step.
const TRIM_AT_ONCE: usize = 1_000;
/// The pause between two lines about the same burden.
const REMINDER: Duration = Duration::from_secs(60 * 60);
/// The longest pause before a store that fails is asked again.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Duties {
    pub(super) fn begin(
        shared: &Arc<Shared>,
        stores: &[Arc<dyn Store>],
        active: ActiveLeases,
    ) -> Self {
        let mut duties = Self::renew_only(shared, stores, active);
        duties.tasks.spawn(follow_log(shared.clone()));
        duties.tasks.spawn(announce(shared.clone()));
        duties.tasks.spawn(keep_house(shared.clone()));
        duties
    }

    pub(super) fn renew_only(
        shared: &Arc<Shared>,
        stores: &[Arc<dyn Store>],
        active: ActiveLeases,
    ) -> Self {
        let mut tasks = JoinSet::new();
        tasks.spawn(renew(shared.clone(), stores.to_vec(), active));
        Self { tasks }
    }
}

/// Looks at the log: soon after something was new or the bell has rung, and ever more seldom when nothing is.
async fn follow_log(shared: Arc<Shared>) {
    let (busy, idle) = shared.options.poll;
    let mut bell = shared.store.bell().listen();
    let mut pause = busy;
    loop {
        let before = shared.news.borrow().end;
        match shared.advance().await {
            Ok(advanced) => {
                let is_new = advanced.end != before;
                pause = if is_new { busy } else { (pause * 2).min(idle) };
                let scheduled = advanced.next_scheduled_in.unwrap_or(idle);
                let pause = pause.min(scheduled.max(Duration::from_millis(1)));
                tokio::select! {
                    () = sleep(pause) => {}
                    () = bell.rung() => shared.news.send_modify(|news| news.rung += 1),
                }
            }
            Err(error) => {
                shared.store_failed("move the log on", &error);
                pause = (pause * 2).clamp(idle, LONGEST_PAUSE);
                sleep(pause).await;
            }
        }
    }
}

/// Renews the leases, each time a third of them is over.
async fn renew(shared: Arc<Shared>, stores: Vec<Arc<dyn Store>>, active: ActiveLeases) {
    let ttl = shared.options.lease;
    let mut pause = ttl / 3;
    loop {
        sleep(pause).await;
        pause = ttl / 3;
        for (index, store) in stores.iter().enumerate() {
            let leases: Vec<_> = active.lock().values().cloned().collect();
            let leases: Vec<_> = leases
                .into_iter()
                .filter(|lease| lease.store == index)
                .collect();
            let held: Vec<_> = leases.iter().map(|lease| lease.held.clone()).collect();
            if held.is_empty() {
                continue;
            }
            let before = Instant::now();
            match store.renew(&held, ttl).await {
                Ok(renewed) => {
                    for lease in leases {
                        if renewed.contains(&lease.held) {
                            lease.term.extend(before + ttl);
                        } else {
                            lease.term.lose();
                        }
                    }
                }
                Err(error) => {
                    shared.store_failed("renew the leases", &error);
                    pause = ttl / 10;
                }
            }
        }
    }
}

/// Says that the worker is there, and finds the subscriptions that nobody has.
async fn announce(shared: Arc<Shared>) {
    let ttl = shared.options.lease;
    let mut told = BTreeSet::new();
    let began = Instant::now();
    loop {
        if let Err(error) = shared.announce(ttl).await {
            shared.store_failed("announce", &error);
        } else if began.elapsed() >= ttl {
            // By now the others have had the time to say so.
            tell_of_unclaimed(&shared, &mut told).await;
        }
        sleep(ttl / 3).await;
    }
}

async fn tell_of_unclaimed(shared: &Shared, told: &mut BTreeSet<String>) {
    let Ok(states) = shared.store.subscriptions().await else {
        // Others ask the same, and say that it failed.
        return;
    };
    for state in states {
        let is_mine = shared.subscriptions.iter().any(|it| it.id() == state.id);
        let peers = shared.peers.borrow();
        let is_claimed = is_mine || peers.iter().any(|peer| peer.knows.contains_key(&state.id));
        drop(peers);
        if is_claimed {
            told.remove(&state.id);
        } else if told.insert(state.id.clone()) {
            let subscription = &state.id;
            shared.notice(&Notice::Unclaimed { subscription });
        }
    }
}

/// Trims the log.
async fn keep_house(shared: Arc<Shared>) {
    let mut told_at: Option<Instant> = None;
    loop {
        sleep(HOUSEKEEPING).await;
        match trim(&shared).await {
            Ok(trimmed) => {
                let is_old = told_at.is_none_or(|told_at| told_at.elapsed() >= REMINDER);
                if let Some((partition, _)) = trimmed.held_by.as_ref().filter(|_| is_old) {
                    told_at = Some(Instant::now());
                    shared.notice(&Notice::TrimHeld { partition });
                }
            }
            Err(error) => shared.store_failed("trim the log", &error),
        }
    }
}

/// Trims what is old, in steps. Returns the last step.
async fn trim(shared: &Shared) -> Result<Trimmed, StoreError> {
    let retention = shared.options.retention;
    loop {
        let before = Instant::now();
        let trimmed = shared.store.trim(retention, TRIM_AT_ONCE).await?;
        if trimmed.removed < TRIM_AT_ONCE as u64 {
            return Ok(trimmed);
        }
        // A database with one writer is left to the others for as long as the step has taken.
        sleep(before.elapsed().max(Duration::from_millis(1))).await;
    }
}
