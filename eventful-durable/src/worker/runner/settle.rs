//! The end of an attempt: the event is done, waits for a retry, or is dead.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use super::crash::DEADLY;
use super::pending::Fate;
use super::{Broken, Runner, text_of_join};
use crate::observe::{InHand, Notice};
use crate::store::{Dead, Failure, FailureKind, Needs, Position, Retry, Wait};
use crate::worker::attempt::{Ended, Failed, Outcome, returned};
use crate::worker::lanes::Work;
use crate::worker::policy::Next;
use crate::{Envelope, OnDead, WhenDead};

/// The most failures that are kept of one event: the first, and the latest.
const KEPT_FAILURES: usize = 10;

/// The longest time after which a slow event is delivered again if its worker dies.
const SPILLED_FOR: Duration = Duration::from_secs(30);

impl Runner {
    /// An attempt has ended.
    pub(super) async fn settle(&mut self, ended: Ended) -> Result<(), Broken> {
        let Ended {
            position,
            outcome,
            alone,
        } = ended;
        let is_late = self.late.remove(&position);
        let Some(work) = self.lanes.end(position) else {
            return Ok(());
        };
        let is_lane_over = !self.lanes.has_lane_of(&work);
        let key = work.envelope.key.clone();
        if is_late {
            // What becomes of it was decided when its time was over.
            self.look_in(Duration::ZERO);
            return Ok(());
        }
        self.crash.survived(position);
        self.pending.ended.insert(position);
        self.pending.is_urgent |= alone.is_some();
        self.pending.alone.extend(alone);
        match outcome {
            Outcome::Handled(events) => self.handled(&work, events),
            Outcome::Failed(failed) => self.failed(work, failed).await,
            Outcome::NewerVersion(needs) => self.unknown(&work, needs).await,
            Outcome::LeaseLost => return Err(Broken::Lost),
            Outcome::StoreFailed(error) => return Err(Broken::Store("handle", error)),
        }
        let is_over = is_lane_over && !self.retries.contains(position);
        let waits_behind = is_over && self.retries.shuts(key.as_deref());
        if waits_behind || (self.looks_when_ended && !self.lanes.is_ready()) {
            self.look_in(Duration::ZERO);
        }
        Ok(())
    }

    fn handled(&mut self, work: &Work, events: Vec<Envelope>) {
        self.pending.handled += 1;
        self.pending.append.extend(events.into_iter().map(returned));
        self.is_over(work.position);
    }

    /// Nothing is left to do for the event.
    fn is_over(&mut self, position: Position) {
        if self.retries.remove(position) {
            self.pending.decide(position, Fate::Done);
        }
        self.settle_in_batch(position);
    }

    async fn unknown(&mut self, work: &Work, needs: Needs) {
        if self.leaves_to_another(&needs).await {
            // It is not settled, so the next worker reads it again.
            return;
        }
        self.park(work.position, &work.envelope, needs);
        self.shut_lane_of(work);
    }

    /// A handler has outlived its timeout, and nothing ends it.
    pub(super) async fn outlived(&mut self, position: Position) {
        let timeout = self.subscribed.policy.timeout;
        let work = self.lanes.get_running(position).cloned();
        if let (Some(work), Outcome::Failed(failed)) = (work, Outcome::timed_out(timeout)) {
            self.late.insert(position);
            self.failed(work, failed).await;
        }
    }

    async fn failed(&mut self, mut work: Work, failed: Failed) {
        let Failed { kind, text, advice } = failed;
        work.attempts = work.attempts.saturating_add(1);
        self.remember(&mut work, kind, &text);
        match self
            .subscribed
            .policy
            .next(work.attempts, work.tried_for, advice)
        {
            Next::RetryIn(pause) => {
                let event = in_hand(self.subscribed.id(), &work);
                let error = text.as_str();
                self.shared.notice(&Notice::Retried {
                    event,
                    pause,
                    error,
                });
                self.retry_in(pause, &work);
            }
            Next::GiveUp(reason) => self.bury(&work, reason).await,
        }
    }

    fn remember(&self, work: &mut Work, kind: FailureKind, text: &str) {
        work.failures.push(Failure {
            attempt: work.attempts,
            at: self.shared.clock.now(),
            kind,
            text: text.to_owned(),
        });
        if work.failures.len() > KEPT_FAILURES {
            work.failures.remove(1);
        }
    }

    /// Writes a retry, which shuts the key.
    fn retry_in(&mut self, pause: Duration, work: &Work) {
        self.write_retry(Wait::For(pause), work);
        self.shut_lane_of(work);
    }

    fn write_retry(&mut self, wait: Wait, work: &Work) {
        let (position, key) = (work.position, work.envelope.key.clone());
        self.retries.insert(position, key.clone());
        let retry = Retry {
            position,
            key,
            attempts: work.attempts,
            wait,
            failures: work.failures.clone(),
        };
        self.pending.decide(position, Fate::Retry(retry));
        self.settle_in_batch(position);
    }

    /// Has the events behind this one in its lane wait in the store. Retries do so already.
    fn shut_lane_of(&mut self, work: &Work) {
        #[cfg(any(test, feature = "crash"))]
        if self.shared.sabotage == crate::worker::Sabotage::OpenKeys {
            return;
        }
        for behind in self.lanes.empty_lane_of(work) {
            if !self.retries.contains(behind.position) {
                self.waits(behind.position, &behind.envelope, Wait::For(Duration::ZERO));
            }
        }
    }

    pub(super) async fn bury_killer(&mut self, work: &Work) {
        let mut work = work.clone();
        self.crash.survived(work.position);
        self.pending.ended.insert(work.position);
        let text = "the process died while the event ran alone in it";
        self.remember(&mut work, FailureKind::KilledTheWorker, text);
        self.bury(&work, format!("killed the worker {DEADLY} times"))
            .await;
    }

    /// Makes a dead letter of the event.
    async fn bury(&mut self, work: &Work, reason: String) {
        let last = work.failures.last();
        let error = last.map_or("", |failure| failure.text.as_str());
        let event = in_hand(self.subscribed.id(), work);
        self.shared.notice(&Notice::Died {
            event,
            reason: &reason,
            error,
        });
        if let Some(on_dead) = &self.subscribed.subscription.on_dead {
            let (on_dead, limit) = (on_dead.clone(), self.subscribed.policy.timeout);
            let events = events_of_death(on_dead, work.envelope.clone(), &reason, limit).await;
            self.pending.append.extend(events.into_iter().map(returned));
        }
        let when_dead = self.subscribed.policy.when_dead;
        let dead = Dead {
            position: work.position,
            envelope: work.envelope.clone(),
            attempts: work.attempts,
            failures: work.failures.clone(),
            reason,
            when_dead,
        };
        self.settle_in_batch(work.position);
        match when_dead {
            WhenDead::GoOn => {
                self.retries.remove(work.position);
            }
            WhenDead::Stop => {
                let key = work.envelope.key.clone();
                self.retries.insert(work.position, key);
                self.shut_lane_of(work);
            }
        }
        self.pending.decide(work.position, Fate::Dead(dead));
    }

    /// Lets go of the events that hold up their batch: when nothing is left to start, and the deadline is over. They go
    /// on running, and shut their key.
    pub(super) fn spill_what_is_slow(&mut self) {
        let Some(batch) = &self.batch else {
            return;
        };
        if self.lanes.is_ready() || batch.is_settled() || batch.deadline > Instant::now() {
            return;
        }
        let running = self.lanes.running().filter(|work| batch.has(work.position));
        let running: Vec<Work> = running.cloned().collect();
        // A careful look at a suspect is worth its time.
        if running.is_empty() || self.crash.suspects() > 0 {
            return;
        }
        let pause = self.subscribed.policy.timeout.min(SPILLED_FOR);
        for work in &running {
            self.write_retry(Wait::For(pause), work);
            self.shut_lane_of(work);
        }
    }

    pub(super) fn tell_of_the_takeover(&self) {
        let partition = self.partition();
        self.shared.notice(&Notice::LeaseTaken { partition });
        if self.lease.ended_without_release {
            let suspects = self.crash.suspects();
            self.shared.notice(&Notice::CrashFound {
                partition,
                suspects,
            });
        }
        if let Some(from) = self.lease.set_back_from {
            let to = self.lease.cursor;
            self.shared.notice(&Notice::SetBack {
                partition,
                from,
                to,
            });
        }
    }
}

/// The events that a function for dead letters returns. One that panics, or that takes longer than its handler may,
/// returns none: its subscription goes on.
async fn events_of_death(
    on_dead: Arc<dyn OnDead>,
    envelope: Arc<Envelope>,
    reason: &str,
    limit: Duration,
) -> Vec<Envelope> {
    let (name, id) = (envelope.name.clone(), envelope.id);
    let call = {
        let reason = reason.to_owned();
        async move { on_dead.on_dead(envelope, &reason).await }
    };
    // A task of its own, so that a panic ends nothing else. It ends with the set.
    let mut task = JoinSet::new();
    task.spawn(call);
    let error = match timeout(limit, task.join_next()).await {
        Ok(Some(Ok(events))) => return events,
        Ok(Some(Err(error))) => text_of_join(error),
        Ok(None) | Err(_) => format!("it took longer than the handler's timeout of {limit:?}"),
    };
    tracing::error!(
        event = name, %id, reason, error,
        "the function for a dead letter has failed, and publishes nothing"
    );
    Vec::new()
}

fn in_hand<'a>(subscription: &'a str, work: &'a Work) -> InHand<'a> {
    InHand {
        subscription,
        name: &work.envelope.name,
        event: work.envelope.id,
        attempts: work.attempts,
    }
}
