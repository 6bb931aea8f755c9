//! The registration of events and subscriptions.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;

use super::clock::later;
use super::tables::{PartitionRow, SubscriptionRow, Tables};
use crate::StartsFrom;
use crate::store::{Announcement, Heard, Place, Registered, Registration, Slots, ToRegister};

impl Tables {
    pub(super) fn register(&mut self, registration: &Registration, now: Timestamp) -> Registered {
        for (name, version) in &registration.events {
            let known = self.events.entry(name.clone()).or_insert(*version);
            *known = (*known).max(*version);
        }
        let mut registered = Registered::default();
        for subscription in &registration.subscriptions {
            self.rename_earlier(subscription, &mut registered);
            match self.renamed_to(&subscription.id) {
                Some(new) => registered.older.push((subscription.id.clone(), new)),
                None => self.register_one(subscription, now, &mut registered),
            }
        }
        registered
    }

    /// Gives a subscription that is known by an earlier id the new one.
    fn rename_earlier(&mut self, subscription: &ToRegister, registered: &mut Registered) {
        if self.subscriptions.contains_key(&subscription.id) {
            return;
        }
        let earlier = subscription
            .was
            .iter()
            .find(|id| self.subscriptions.contains_key(*id));
        if let Some(earlier) = earlier {
            self.rename(earlier, &subscription.id);
            let renamed = (earlier.clone(), subscription.id.clone());
            registered.renamed.push(renamed);
        }
    }

    /// The id that a subscription has now which had this one before.
    fn renamed_to(&self, id: &str) -> Option<String> {
        let mut all = self.subscriptions.iter();
        let renamed = all.find(|(_, row)| row.earlier.contains(id));
        renamed.map(|(new, _)| new.clone())
    }

    /// Moves what belongs to one id to another one, which is free.
    pub(super) fn rename(&mut self, from: &str, to: &str) {
        if let Some(mut row) = self.subscriptions.remove(from) {
            row.revoke();
            row.earlier.insert(from.to_owned());
            row.earlier.remove(to);
            for dead in row.dead.values_mut() {
                to.clone_into(&mut dead.subscription);
            }
            self.subscriptions.insert(to.to_owned(), row);
        }
    }

    fn register_one(
        &mut self,
        subscription: &ToRegister,
        now: Timestamp,
        registered: &mut Registered,
    ) {
        let end = self.end();
        let cursor = match subscription.from {
            StartsFrom::Now => end,
            StartsFrom::Beginning => Place::BEGINNING,
        };
        let id = &subscription.id;
        let is_new = !self.subscriptions.contains_key(id);
        let row = self
            .subscriptions
            .entry(id.clone())
            .or_insert_with(|| SubscriptionRow {
                earlier: BTreeSet::new(),
                names: BTreeMap::new(),
                paused: false,
                replay: subscription.replay,
                registered_at: now,
                partitions: BTreeMap::from([(0, PartitionRow::new(Slots::ALL, cursor))]),
                dead: BTreeMap::new(),
            });
        row.registered_at = now;
        row.replay = subscription.replay;
        let since = if is_new { cursor } else { end }.position;
        for (name, version) in &subscription.names {
            let version = *version;
            if let Some(heard) = row.names.get_mut(name) {
                heard.version = heard.version.max(version);
                continue;
            }
            row.names.insert(name.clone(), Heard { since, version });
            if !is_new {
                registered.grown.push((id.clone(), name.clone()));
            }
        }
        if is_new {
            registered.added.push(id.clone());
        }
    }

    pub(super) fn announce(
        &mut self,
        worker: &Announcement,
        ttl: Duration,
        now: Timestamp,
    ) -> Vec<Announcement> {
        self.workers.remove(&worker.worker);
        self.workers.retain(|_, (_, until)| *until > now);
        let others = self.workers.values().map(|(worker, _)| worker.clone());
        let others = others.collect();
        if !ttl.is_zero() {
            let row = (worker.clone(), later(now, ttl));
            self.workers.insert(worker.worker, row);
        }
        others
    }
}
