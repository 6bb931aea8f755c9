//! How many detached publishes there are, and who waits for that number to change.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Lets `limit` through at a time, and the rest in the order in which they came.
///
/// The models in `tests/loom.rs` hold that nobody waits for ever and never more than `limit` are through.
pub(crate) struct Gate {
    limit: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    through: usize,
    /// Who waits to come through, the first one first.
    waiting: VecDeque<(Ticket, Waker)>,
    next_ticket: Ticket,
    /// Who waits until nobody is left.
    leaving: Vec<Waker>,
}

type Ticket = u64;

impl Gate {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            state: Mutex::new(State::default()),
        }
    }

    /// How many are through.
    pub(crate) fn through(&self) -> usize {
        self.lock().through
    }

    /// Comes through at once, or not at all: also if others wait.
    pub(crate) fn try_enter(self: &Arc<Self>) -> Option<Permit> {
        let mut state = self.lock();
        if state.through >= self.limit || !state.waiting.is_empty() {
            return None;
        }
        state.through += 1;
        Some(Permit(Arc::clone(self)))
    }

    /// Comes through when it is its turn.
    pub(crate) fn enter(self: &Arc<Self>) -> Entering {
        Entering {
            gate: Arc::clone(self),
            ticket: None,
        }
    }

    /// Is ready when nobody is through, and nobody waits to come through.
    pub(crate) fn drained(self: &Arc<Self>) -> Drained {
        Drained(Arc::clone(self))
    }

    /// The waker of the first who waits, if there is room for it.
    fn next_in(&self, state: &State) -> Option<Waker> {
        let has_room = state.through < self.limit;
        state
            .waiting
            .front()
            .filter(|_| has_room)
            .map(|(_, waker)| waker.clone())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing of the user's runs under the lock but `Waker::clone`, and no step leaves the state half-changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leave to be through the gate, until it is dropped.
pub(crate) struct Permit(Arc<Gate>);

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.through -= 1;
        let next = self.0.next_in(&state);
        let is_empty = state.through == 0 && state.waiting.is_empty();
        let leaving = if is_empty {
            std::mem::take(&mut state.leaving)
        } else {
            Vec::new()
        };
        drop(state);
        next.into_iter().chain(leaving).for_each(Waker::wake);
    }
}

/// See [`Gate::enter`].
pub(crate) struct Entering {
    gate: Arc<Gate>,
    ticket: Option<Ticket>,
}

impl Future for Entering {
    type Output = Permit;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Permit> {
        let gate = Arc::clone(&self.gate);
        let mut state = gate.lock();
        let is_first = match self.ticket {
            None => state.waiting.is_empty(),
            Some(ticket) => state
                .waiting
                .front()
                .is_some_and(|(first, _)| *first == ticket),
        };
        if is_first && state.through < gate.limit {
            if self.ticket.take().is_some() {
                state.waiting.pop_front();
            }
            state.through += 1;
            // There may be room for the next one, too, who was told nothing while this one was first.
            let next = gate.next_in(&state);
            drop(state);
            next.into_iter().for_each(Waker::wake);
            return Poll::Ready(Permit(gate));
        }
        let waker = context.waker().clone();
        if let Some(ticket) = self.ticket {
            let mut waiting = state.waiting.iter_mut();
            if let Some((_, present)) = waiting.find(|(waiting, _)| *waiting == ticket) {
                present.clone_from(&waker);
            }
        } else {
            let ticket = state.next_ticket;
            state.next_ticket += 1;
            state.waiting.push_back((ticket, waker));
            self.ticket = Some(ticket);
        }
        Poll::Pending
    }
}

impl Drop for Entering {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else { return };
        let mut state = self.gate.lock();
        state.waiting.retain(|(waiting, _)| *waiting != ticket);
        let next = self.gate.next_in(&state);
        let is_empty = state.through == 0 && state.waiting.is_empty();
        let leaving = if is_empty {
            std::mem::take(&mut state.leaving)
        } else {
            Vec::new()
        };
        drop(state);
        next.into_iter().chain(leaving).for_each(Waker::wake);
    }
}

/// See [`Gate::drained`].
pub(crate) struct Drained(Arc<Gate>);

impl Future for Drained {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.lock();
        if state.through == 0 && state.waiting.is_empty() {
            return Poll::Ready(());
        }
        if !state
            .leaving
            .iter()
            .any(|waker| waker.will_wake(context.waker()))
        {
            state.leaving.push(context.waker().clone());
        }
        Poll::Pending
    }
}
