//! How many detached publishes there are, and who waits for that number to change.

use std::collections::VecDeque;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Lets `limit` through at a time, and the rest in the order in which they came.
///
/// The models in `tests/loom_gate.rs` hold that nobody waits for ever and never more than `limit` are through.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Shared>);

struct Shared {
    limit: usize,
    state: Mutex<State>,
}

// Wakers are the user's code, cloned, woken and dropped: never under the lock, which they may need themselves.
#[derive(Default)]
struct State {
    through: usize,
    /// Who waits to come through, by ticket; without a waker once it has been told that it is its turn.
    waiting: VecDeque<(Ticket, Option<Waker>)>,
    next_ticket: Ticket,
    /// Who waits until nobody is left.
    leaving: Vec<(Ticket, Waker)>,
}

type Ticket = u64;

impl Gate {
    pub(crate) fn new(limit: usize) -> Self {
        Self(Arc::new(Shared {
            limit,
            state: Mutex::new(State::default()),
        }))
    }

    /// How many are through.
    pub(crate) fn through(&self) -> usize {
        self.lock().through
    }

    /// How many are through or wait to be.
    pub(crate) fn outstanding(&self) -> usize {
        let state = self.lock();
        state.through + state.waiting.len()
    }

    /// Comes through at once, or not at all: also if others wait.
    pub(crate) fn try_enter(&self) -> Option<Permit> {
        let mut state = self.lock();
        if state.through >= self.0.limit || !state.waiting.is_empty() {
            return None;
        }
        state.through += 1;
        Some(Permit(self.clone()))
    }

    /// Comes through when it is its turn.
    pub(crate) fn enter(&self) -> Entering {
        Entering {
            gate: self.clone(),
            ticket: None,
        }
    }

    /// Is ready when nobody is through, and nobody waits to come through.
    pub(crate) fn drained(&self) -> Drained {
        Drained {
            gate: self.clone(),
            ticket: None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No step under the lock leaves the state half-changed.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives up the lock and wakes whom the changed state concerns.
    fn unlock_and_wake(&self, mut state: MutexGuard<'_, State>) {
        let next = if state.through < self.0.limit {
            state
                .waiting
                .front_mut()
                .and_then(|(_, waker)| waker.take())
        } else {
            None
        };
        let leaving = if state.is_empty() {
            mem::take(&mut state.leaving)
        } else {
            Vec::new()
        };
        drop(state);
        let leaving = leaving.into_iter().map(|(_, waker)| waker);
        next.into_iter().chain(leaving).for_each(Waker::wake);
    }
}

impl State {
    fn is_empty(&self) -> bool {
        self.through == 0 && self.waiting.is_empty()
    }

    fn new_ticket(&mut self) -> Ticket {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        ticket
    }

    fn place_of(&self, ticket: Ticket) -> Option<usize> {
        self.waiting
            .binary_search_by_key(&ticket, |(waiting, _)| *waiting)
            .ok()
    }
}

/// Leave to be through the gate, until it is dropped.
pub(crate) struct Permit(Gate);

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.through -= 1;
        self.0.unlock_and_wake(state);
    }
}

/// See [`Gate::enter`].
pub(crate) struct Entering {
    gate: Gate,
    ticket: Option<Ticket>,
}

impl Future for Entering {
    type Output = Permit;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Permit> {
        let Self { gate, ticket } = self.get_mut();
        let waker = context.waker().clone();
        let mut state = gate.lock();
        let place = ticket.and_then(|ticket| state.place_of(ticket));
        let is_first = place.map_or(state.waiting.is_empty(), |place| place == 0);
        if is_first && state.through < gate.0.limit {
            if ticket.take().is_some() {
                // It was woken, so its waker is gone already, unless it is polled for another reason.
                let this = state.waiting.pop_front();
                state.through += 1;
                // There may be room for the next one, too, who was told nothing while this one was first.
                gate.unlock_and_wake(state);
                drop(this);
            } else {
                state.through += 1;
            }
            return Poll::Ready(Permit(gate.clone()));
        }
        let former = if let Some(place) = place {
            state.waiting[place].1.replace(waker)
        } else {
            let new = state.new_ticket();
            state.waiting.push_back((new, Some(waker)));
            *ticket = Some(new);
            None
        };
        drop(state);
        drop(former);
        Poll::Pending
    }
}

impl Drop for Entering {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else { return };
        let mut state = self.gate.lock();
        let place = state.place_of(ticket);
        let this = place.and_then(|place| state.waiting.remove(place));
        self.gate.unlock_and_wake(state);
        drop(this);
    }
}

/// See [`Gate::drained`].
pub(crate) struct Drained {
    gate: Gate,
    ticket: Option<Ticket>,
}

impl Future for Drained {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Self { gate, ticket } = self.get_mut();
        let waker = context.waker().clone();
        let mut state = gate.lock();
        if state.is_empty() {
            return Poll::Ready(());
        }
        let ticket = *ticket.get_or_insert_with(|| state.new_ticket());
        let mut leaving = state.leaving.iter_mut();
        let former = if let Some((_, present)) = leaving.find(|(leaving, _)| *leaving == ticket) {
            Some(mem::replace(present, waker))
        } else {
            state.leaving.push((ticket, waker));
            None
        };
        drop(state);
        drop(former);
        Poll::Pending
    }
}

impl Drop for Drained {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else { return };
        let mut state = self.gate.lock();
        let place = state
            .leaving
            .iter()
            .position(|(leaving, _)| *leaving == ticket);
        let this = place.map(|place| state.leaving.swap_remove(place));
        drop(state);
        drop(this);
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    /// How often a waker was woken.
    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wakes {
        fn new() -> Arc<Self> {
            Arc::default()
        }

        fn count(&self) -> usize {
            self.0.load(Ordering::Relaxed)
        }
    }

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn poll<F: Future + Unpin>(future: &mut F, wakes: &Arc<Wakes>) -> Poll<F::Output> {
        Pin::new(future).poll(&mut Context::from_waker(&Arc::clone(wakes).into()))
    }

    #[test]
    fn nobody_is_woken_who_cannot_come_through() {
        let gate = Gate::new(1);
        let permit = gate.try_enter();
        let (mut first, mut second, mut third) = (gate.enter(), gate.enter(), gate.enter());
        let wakes = [(); 3].map(|()| Wakes::new());
        assert!(poll(&mut first, &wakes[0]).is_pending());
        assert!(poll(&mut second, &wakes[1]).is_pending());
        assert!(poll(&mut third, &wakes[2]).is_pending());
        let counts = || wakes.each_ref().map(|wakes| wakes.count());
        drop(second);
        assert_eq!((counts(), gate.outstanding()), ([0, 0, 0], 3));
        drop(permit);
        assert_eq!(counts(), [1, 0, 0]);
        let permit = poll(&mut first, &wakes[0]);
        assert!(permit.is_ready());
        assert!(poll(&mut third, &wakes[2]).is_pending());
        assert_eq!((gate.through(), gate.outstanding()), (1, 2));
        drop(permit);
        assert_eq!(counts(), [1, 0, 1]);
    }

    #[test]
    fn who_comes_through_wakes_the_next_if_there_is_room_for_it() {
        let gate = Gate::new(2);
        let permits = [gate.try_enter(), gate.try_enter()];
        let mut waiting = [gate.enter(), gate.enter(), gate.enter()];
        let wakes = [(); 3].map(|()| Wakes::new());
        for (waiting, wakes) in waiting.iter_mut().zip(&wakes) {
            assert!(poll(waiting, wakes).is_pending());
        }
        let counts = || wakes.each_ref().map(|wakes| wakes.count());
        drop(permits);
        assert_eq!(counts(), [1, 0, 0]);
        // There is room for two, but it is the turn of who came first.
        assert!(gate.try_enter().is_none());
        assert!(poll(&mut waiting[1], &wakes[1]).is_pending());
        let first = poll(&mut waiting[0], &wakes[0]);
        assert!(first.is_ready());
        assert_eq!(counts(), [1, 1, 0]);
        let second = poll(&mut waiting[1], &wakes[1]);
        assert!(second.is_ready());
        assert_eq!(counts(), [1, 1, 0]);
        assert!(poll(&mut waiting[2], &wakes[2]).is_pending());
    }

    #[test]
    fn who_waits_for_the_end_is_woken_once_nobody_is_through_and_nobody_waits() {
        let gate = Gate::new(1);
        let permit = gate.try_enter();
        let mut entering = gate.enter();
        let mut drained = [gate.drained(), gate.drained()];
        let wakes = [(); 3].map(|()| Wakes::new());
        assert!(poll(&mut entering, &wakes[0]).is_pending());
        assert!(poll(&mut drained[0], &wakes[1]).is_pending());
        assert!(poll(&mut drained[1], &wakes[2]).is_pending());
        let counts = || wakes.each_ref().map(|wakes| wakes.count());
        drop(permit);
        assert_eq!(counts(), [1, 0, 0]);
        let permit = poll(&mut entering, &wakes[0]);
        assert!(poll(&mut drained[0], &wakes[1]).is_pending());
        drop(permit);
        assert_eq!(counts(), [1, 1, 1]);
        assert!(drained.iter_mut().all(|it| poll(it, &wakes[1]).is_ready()));
    }

    #[test]
    fn the_waker_of_the_last_poll_is_woken_and_the_others_are_dropped() {
        let gate = Gate::new(1);
        let permit = gate.try_enter();
        let (mut entering, mut drained) = (gate.enter(), gate.drained());
        let (mut gives_up, mut also_gives_up) = (gate.enter(), gate.drained());
        let (former, last) = (Wakes::new(), Wakes::new());
        for wakes in [&former, &last] {
            assert!(poll(&mut entering, wakes).is_pending());
            assert!(poll(&mut drained, wakes).is_pending());
        }
        assert!(poll(&mut gives_up, &former).is_pending());
        assert!(poll(&mut also_gives_up, &former).is_pending());
        // This one here, and those of the two that give up.
        assert_eq!(Arc::strong_count(&former), 3);
        drop(gives_up);
        drop(also_gives_up);
        assert_eq!(Arc::strong_count(&former), 1);
        drop(permit);
        assert_eq!(last.count(), 1);
        drop(poll(&mut entering, &last));
        assert_eq!((former.count(), last.count()), (0, 2));
    }

    #[test]
    fn who_never_waited_leaves_nothing_behind() {
        let gate = Gate::new(1);
        let wakes = Wakes::new();
        let permit = gate.try_enter();
        let mut waiting = gate.enter();
        assert!(poll(&mut waiting, &wakes).is_pending());
        drop(gate.enter());
        drop(gate.drained());
        assert_eq!((gate.through(), gate.outstanding()), (1, 2));
        drop(permit);
        assert_eq!(wakes.count(), 1);
        assert!(poll(&mut waiting, &wakes).is_ready());
        assert!(poll(&mut gate.drained(), &wakes).is_ready());
        assert_eq!(gate.outstanding(), 0);
    }
}
