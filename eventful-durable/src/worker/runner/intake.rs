//! Events on their way into the lanes.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::pending::Fate;
use super::{Batch, Broken, HandOver, Runner};
use crate::Envelope;
use crate::observe::{InHand, Notice};
use crate::store::{DueRetry, Fetch, Limit, Logged, Needs, Position, Wait};
use crate::worker::lanes::Work;
use crate::worker::shared::News;

/// The treatment of an event that was read.
enum Intake {
    /// It is handled.
    Run,
    /// There is nothing to do: it is done, or waits already, or is not for this subscription.
    Skip,
    /// It waits behind another event of its key.
    Wait,
    /// It has killed its workers.
    Bury,
    /// This program does not know it.
    Unknown(Needs),
}

impl Runner {
    /// Reads the log, if there is something new and room for it.
    pub(super) async fn read_log(&mut self, news: News) -> Result<(), Broken> {
        self.find_out_if_failing();
        let is_full = self.lanes.running_count() >= self.subscribed.policy.concurrency;
        // Where the log ends before it, this place may be gone, which the store says.
        let is_at_end = self.read_through == news.end;
        if self.batch.is_some() || self.is_failing || is_full || is_at_end {
            return Ok(());
        }
        if !self.pending.is_empty() {
            // A replay may read what a retry has just decided.
            self.acknowledge().await?;
        }
        let options = &self.shared.options;
        let room = options.outstanding.saturating_sub(self.retries.len());
        let fetch = Fetch {
            after: self.read_through,
            slots: self.lease.slots,
            names: Some(self.lease.names.keys().cloned().collect()),
            limit: Limit {
                events: options.batch.events.min(room).max(1),
                bytes: options.batch.bytes,
            },
        };
        let deadline = Instant::now() + options.deadline;
        let fetched = self.store.fetch(&fetch).await;
        let fetched = fetched.map_err(|error| Broken::Store("fetch", error))?;
        let start = self.read_through;
        self.read_through = fetched.through;
        if fetched.events.is_empty() {
            return Ok(());
        }
        self.crash.has_read(fetched.through.position);
        let places = fetched.events.iter().map(|event| event.place).collect();
        self.batch = Some(Batch::new(start, places, fetched.through, deadline));
        #[cfg(any(test, feature = "crash"))]
        if self.shared.sabotage == crate::worker::Sabotage::CursorFirst {
            for event in &fetched.events {
                self.settle_in_batch(event.place.position);
            }
            self.acknowledge().await?;
        }
        for event in fetched.events {
            if self.leaves_for.is_none() {
                self.take_in(event).await;
            }
        }
        Ok(())
    }

    async fn take_in(&mut self, event: Logged) {
        let Logged { place, envelope } = event;
        let position = place.position;
        match self.intake(position, &envelope) {
            Intake::Run => self.lanes.push(Work {
                position,
                envelope,
                attempts: 0,
                tried_for: Duration::ZERO,
                failures: Vec::new(),
            }),
            Intake::Skip => self.settle_in_batch(position),
            Intake::Wait => self.waits(position, &envelope, Wait::For(Duration::ZERO)),
            Intake::Bury => {
                let work = work_of_killer(position, envelope);
                self.bury_killer(&work).await;
            }
            Intake::Unknown(needs) => {
                if !self.leaves_to_another(&needs).await {
                    self.park(position, &envelope, needs);
                }
            }
        }
    }

    fn intake(&self, position: Position, envelope: &Envelope) -> Intake {
        let heard = self.lease.names.get(&envelope.name);
        let is_heard = heard.is_some_and(|heard| position > heard.since);
        let is_done = self.lease.done.contains(&position);
        let is_over = !is_heard || is_done || envelope.payload.is_empty();
        let needs = needs_of(envelope);
        if is_over || self.retries.contains(position) {
            Intake::Skip
        } else if self.crash.is_deadly(position) {
            Intake::Bury
        } else if self.is_shut(envelope) {
            Intake::Wait
        } else if !self.subscribed.knows(&needs) {
            Intake::Unknown(needs)
        } else {
            Intake::Run
        }
    }

    fn is_shut(&self, envelope: &Envelope) -> bool {
        #[cfg(any(test, feature = "crash"))]
        if self.shared.sabotage == crate::worker::Sabotage::OpenKeys {
            return false;
        }
        self.retries.shuts(envelope.key.as_deref())
    }

    /// Reads the retries that are due, when it is time to look.
    pub(super) async fn read_retries(&mut self) -> Result<(), Broken> {
        let now = Instant::now();
        let look_at = self.looks_at();
        let is_full = self.lanes.running_count() >= self.subscribed.policy.concurrency;
        if look_at > now || is_full {
            return Ok(());
        }
        if !self.pending.is_empty() {
            // A row whose end is decided must not come again.
            self.acknowledge().await?;
        }
        let due = self
            .store
            .due(self.partition(), self.shared.options.batch)
            .await;
        let due = due.map_err(|error| Broken::Store("read retries", error))?;
        self.looked_at = now;
        self.look_at = None;
        let works = due.rows.into_iter().map(work_of);
        // Rows of a lane that is busy come again when it is not: its events may be before or behind them.
        let (busy, free): (Vec<_>, Vec<_>) = works.partition(|work| self.lanes.has_lane_of(work));
        for work in free {
            if self.leaves_for.is_none() {
                self.take_in_retry(work).await;
            }
        }
        let has_more = due.next_in == Some(Duration::ZERO);
        self.looks_when_ended = has_more || !busy.is_empty();
        if let Some(next) = due.next_in.filter(|next| !next.is_zero()) {
            self.look_in(next);
        }
        Ok(())
    }

    async fn take_in_retry(&mut self, work: Work) {
        let (position, key) = (work.position, work.envelope.key.clone());
        let needs = needs_of(&work.envelope);
        if self.lease.done.contains(&position) || work.envelope.payload.is_empty() {
            self.retries.remove(position);
            self.pending.decide(position, Fate::Done);
        } else if self.crash.is_deadly(position) {
            self.bury_killer(&work).await;
        } else if self.subscribed.knows(&needs) {
            self.retries.insert(position, key);
            self.lanes.push(work);
        } else if !self.leaves_to_another(&needs).await {
            self.park(position, &work.envelope, needs);
        }
    }

    pub(super) fn park(&mut self, position: Position, envelope: &Arc<Envelope>, needs: Needs) {
        let event = InHand {
            subscription: self.subscribed.id(),
            name: &envelope.name,
            event: envelope.id,
            attempts: 0,
        };
        let notice = Notice::Parked {
            event,
            needs: &needs,
        };
        self.shared.notice(&notice);
        self.waits(position, envelope, Wait::Parked(needs));
    }

    /// Leaves the partition to a worker that knows more, if there is one.
    pub(super) async fn leaves_to_another(&mut self, needs: &Needs) -> bool {
        if self.leaves_for.is_some() {
            return true;
        }
        if self.hand_over == HandOver::Tried {
            return false;
        }
        let ttl = self.shared.options.lease;
        if let Err(error) = self.shared.announce(ttl).await {
            self.shared.store_failed("announce", &error);
        }
        if self.is_known_elsewhere(needs) {
            self.leaves_for = Some(needs.clone());
        }
        self.leaves_for.is_some()
    }

    fn is_known_elsewhere(&self, needs: &Needs) -> bool {
        let peers = self.shared.peers.borrow();
        self.subscribed.is_known_to(&peers, needs)
    }

    /// Wakes what an earlier worker has parked, and this one knows.
    pub(super) fn wake_parked(&mut self) {
        let parked = self.retries.parked();
        let known = parked.filter(|(_, needs)| self.subscribed.knows(needs));
        let known: Vec<_> = known.map(|(position, _)| position).collect();
        self.pending.wake.extend(known);
    }

    /// Leaves if something is parked here that a worker knows which has come since.
    pub(super) fn look_for_a_better_worker(&mut self) {
        if self.leaves_for.is_some() || self.hand_over == HandOver::Tried {
            return;
        }
        let mut parked = self.retries.parked();
        let known = parked
            .find(|(_, needs)| !self.subscribed.knows(needs) && self.is_known_elsewhere(needs));
        self.leaves_for = known.map(|(_, needs)| needs.clone());
    }

    /// Takes back what waits to run. It is read again under the next lease.
    pub(super) fn start_nothing_more(&mut self) {
        self.lanes.empty();
        if self.lanes.running_count() == 0
            && let Some(batch) = self.batch.take()
        {
            self.read_through = batch.progress();
        }
    }

    fn find_out_if_failing(&mut self) {
        let (retries, limit) = (self.retries.len(), self.shared.options.outstanding);
        if !self.is_failing && retries >= limit {
            self.is_failing = true;
            let partition = self.partition();
            self.shared
                .notice(&Notice::FailingBegan { partition, retries });
        } else if self.is_failing && retries <= limit / 10 * 9 {
            self.is_failing = false;
            let partition = self.partition();
            self.shared.notice(&Notice::FailingEnded { partition });
        }
    }
}

fn needs_of(envelope: &Envelope) -> Needs {
    Needs {
        name: envelope.name.clone(),
        version: envelope.version,
    }
}

fn work_of(due: DueRetry) -> Work {
    Work {
        position: due.position,
        envelope: due.envelope,
        attempts: due.attempts,
        tried_for: due.tried_for,
        failures: due.failures,
    }
}

fn work_of_killer(position: Position, envelope: Arc<Envelope>) -> Work {
    Work {
        position,
        envelope,
        attempts: 0,
        tried_for: Duration::ZERO,
        failures: Vec::new(),
    }
}
