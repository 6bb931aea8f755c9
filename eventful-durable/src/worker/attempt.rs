//! One attempt to handle one event.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{Instant, timeout};
use tracing::{Instrument, Span, info_span};

use super::lanes::Work;
use super::process::{Alone, Beside};
use super::shared::{Shared, Subscribed};
use super::term::Term;
use super::text::{text_of, truncated};
use crate::handler_error::Advice;
use crate::observe::{InHand, Notice};
use crate::store::{Company, FailureKind, Held, Needs, Position, Store, StoreError, Verdict};
use crate::{Append, Attempt, Envelope, Handled, NotHandled, WhenLate};

/// An attempt that is to be made.
pub(super) struct Job {
    pub(super) shared: Arc<Shared>,
    pub(super) store: Arc<dyn Store>,
    pub(super) subscribed: Arc<Subscribed>,
    pub(super) held: Held,
    pub(super) term: Arc<Term>,
    pub(super) work: Work,
    pub(super) is_replay: bool,
    pub(super) care: Care,
    /// Told when the handler has outlived its timeout, and goes on.
    pub(super) late: UnboundedSender<Position>,
}

/// The care that is taken of an event that might kill the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Care {
    None,
    /// It is noted before it runs.
    Noted,
    /// It is noted, and runs alone in the process.
    Alone,
}

/// An attempt that has ended.
pub(super) struct Ended {
    pub(super) position: Position,
    pub(super) outcome: Outcome,
    /// Kept until the end of the event is acknowledged, so that no other is beside its note.
    pub(super) alone: Option<Alone>,
}

pub(super) enum Outcome {
    /// These events were returned, and are not in the log yet.
    Handled(Vec<Envelope>),
    Failed(Failed),
    /// The program does not know the version of the event.
    NewerVersion(Needs),
    /// Nothing was done, or what was done was rolled back.
    LeaseLost,
    /// It is not known what was done.
    StoreFailed(StoreError),
}

pub(super) struct Failed {
    pub(super) kind: FailureKind,
    pub(super) text: String,
    pub(super) advice: Advice,
}

/// The time after which a transaction is called slow.
const SLOW_TRANSACTION: Duration = Duration::from_secs(1);

enum Gate {
    Beside(#[expect(dead_code, reason = "held, not read")] Beside),
    Alone(Alone),
}

impl Job {
    pub(super) async fn run(self) -> Ended {
        let gate = self.enter().await;
        let outcome = match self.note(&gate).await {
            Ok(Verdict::Accepted) if !self.term.is_over() => {
                self.handle().instrument(self.span()).await
            }
            Ok(_) => Outcome::LeaseLost,
            Err(error) => Outcome::StoreFailed(error),
        };
        Ended {
            position: self.work.position,
            outcome,
            alone: match gate {
                Gate::Alone(alone) => Some(alone),
                Gate::Beside(_) => None,
            },
        }
    }

    async fn enter(&self) -> Gate {
        if self.care == Care::Alone
            && let Some(alone) = self.shared.process.alone().await
        {
            return Gate::Alone(alone);
        }
        Gate::Beside(self.shared.process.beside().await)
    }

    async fn note(&self, gate: &Gate) -> Result<Verdict, StoreError> {
        let company = match (self.care, gate) {
            (Care::None, _) => return Ok(Verdict::Accepted),
            (_, Gate::Alone(_)) => Company::Alone,
            (_, Gate::Beside(_)) => Company::Others,
        };
        #[cfg(any(test, feature = "crash"))]
        let company = match self.shared.sabotage {
            super::Sabotage::BlameTheNeighbour => Company::Alone,
            _ => company,
        };
        self.store
            .note(&self.held, &[self.work.position], company)
            .await
    }

    async fn handle(&self) -> Outcome {
        let began = Instant::now();
        let outcome = match self.subscribed.subscription.lends {
            Some(_) => self.handle_in_transaction().await,
            None => match self.call(None).await {
                Ok(handled) => Outcome::Handled(handled.returned),
                Err(outcome) => outcome,
            },
        };
        if let Outcome::Handled(_) = outcome {
            let took = began.elapsed();
            let event = self.in_hand();
            self.shared.notice(&Notice::Handled { event, took });
        }
        outcome
    }

    async fn handle_in_transaction(&self) -> Outcome {
        // The semaphore is never closed.
        let _permit = self.shared.transactions.acquire().await;
        if self.term.is_over() {
            return Outcome::LeaseLost;
        }
        let mut transaction = match self.store.begin(&self.held).await {
            Ok(transaction) => transaction,
            Err(error) => return Outcome::StoreFailed(error),
        };
        let began = Instant::now();
        let called = self.call(Some(transaction.lend())).await;
        let took = began.elapsed();
        if took >= SLOW_TRANSACTION {
            let event = self.in_hand();
            self.shared.notice(&Notice::SlowTransaction { event, took });
        }
        let handled = match called {
            Ok(handled) => handled,
            Err(outcome) => return outcome,
        };
        for envelope in handled.returned {
            if let Err(error) = transaction.append(returned(envelope)).await {
                let text = format!("what the handler returned was not appended: {error}");
                return Outcome::failed(FailureKind::Failed, text);
            }
        }
        match transaction
            .commit(self.work.position, self.work.envelope.id)
            .await
        {
            Ok(Verdict::Accepted) => Outcome::Handled(Vec::new()),
            Ok(Verdict::Void) => Outcome::LeaseLost,
            Err(error) => Outcome::StoreFailed(error),
        }
    }

    /// Calls the handler, for as long as its timeout allows.
    async fn call(&self, lent: Option<&mut (dyn Any + Send)>) -> Result<Handled, Outcome> {
        let handler = &self.subscribed.subscription.handler;
        let limit = self.subscribed.policy.timeout;
        let envelope = self.work.envelope.clone();
        let mut handling = handler.handle(envelope, self.attempt(), lent);
        if let Ok(result) = timeout(limit, &mut handling).await {
            return result.map_err(|not_handled| self.outcome_of(not_handled));
        }
        if handler.when_late() == WhenLate::Wait {
            // If the runner is gone, nobody has to know.
            let _ = self.late.send(self.work.position);
            drop(handling.await);
        }
        Err(Outcome::timed_out(limit))
    }

    fn attempt(&self) -> Attempt {
        let number = self.number();
        Attempt {
            number,
            is_last: self.subscribed.policy.is_last(number, self.work.tried_for),
            is_replay: self.is_replay,
            started_at: self.shared.clock.now(),
        }
    }

    fn outcome_of(&self, not_handled: NotHandled) -> Outcome {
        match not_handled {
            NotHandled::Failed(error) => {
                let advice = error.advice();
                let (kind, text) = text_of(error);
                Outcome::Failed(Failed { kind, text, advice })
            }
            NotHandled::Panicked(text) => Outcome::failed(FailureKind::Panicked, text),
            NotHandled::NotDecoded(text) => Outcome::failed(FailureKind::NotDecoded, text),
            NotHandled::NewerVersion { found, .. } => Outcome::NewerVersion(Needs {
                name: self.work.envelope.name.clone(),
                version: found,
            }),
        }
    }

    fn number(&self) -> u32 {
        self.work.attempts.saturating_add(1)
    }

    fn in_hand(&self) -> InHand<'_> {
        let envelope = &self.work.envelope;
        InHand {
            subscription: self.subscribed.id(),
            name: &envelope.name,
            event: envelope.id,
            attempts: self.number(),
        }
    }

    fn span(&self) -> Span {
        let envelope = &self.work.envelope;
        let headers = &envelope.headers;
        info_span!(
            "durable_handler",
            subscription = self.subscribed.id(),
            event = envelope.name,
            id = %envelope.id,
            attempt = self.number(),
            cause = headers.cause.map(tracing::field::display),
            correlation = headers.correlation.map(tracing::field::display),
            traceparent = headers.traceparent,
        )
    }
}

impl Outcome {
    pub(super) fn failed(kind: FailureKind, text: String) -> Self {
        Self::Failed(Failed {
            kind,
            text: truncated(text),
            advice: Advice::Policy,
        })
    }

    pub(super) fn timed_out(limit: Duration) -> Self {
        let text = format!("the handler took longer than its timeout of {limit:?}");
        Self::failed(FailureKind::TimedOut, text)
    }
}

/// An event that a handler has returned: it is appended at once.
pub(super) fn returned(envelope: Envelope) -> Append {
    Append {
        envelope,
        due_at: None,
        once: None,
    }
}
