//! A semaphore for detached publishes: permits in the order of the requests, and a wait until none is in use.

use std::collections::BTreeMap;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Gives out `limit` permits at a time, in the order of the requests.
///
/// The models in `tests/loom_semaphore.rs` check that no request waits for ever, and that no more than `limit` permits
/// are in use.
#[derive(Clone)]
pub(crate) struct Semaphore(Arc<Shared>);

struct Shared {
    limit: usize,
    state: Mutex<State>,
}

// Cloning, waking and dropping a waker runs the user's code. It happens without the lock, which that code may need.
#[derive(Default)]
struct State {
    in_flight: usize,
    /// The requests that wait for a permit, by ticket. One that was woken for its turn has no waker any more.
    waiting: BTreeMap<Ticket, Option<Waker>>,
    next_ticket: Ticket,
    /// The futures that wait until no permit is in use.
    draining: BTreeMap<Ticket, Waker>,
}

type Ticket = u64;

impl Semaphore {
    pub(crate) fn new(limit: usize) -> Self {
        Self(Arc::new(Shared {
            limit,
            state: Mutex::new(State::default()),
        }))
    }

    /// Returns the number of permits in use.
    pub(crate) fn in_flight(&self) -> usize {
        self.lock().in_flight
    }

    /// Returns the number of permits in use and of requests that wait for one.
    pub(crate) fn outstanding(&self) -> usize {
        let state = self.lock();
        state.in_flight + state.waiting.len()
    }

    /// Takes a permit if one is free and no request waits.
    pub(crate) fn try_acquire(&self) -> Option<Permit> {
        let mut state = self.lock();
        if state.in_flight >= self.0.limit || !state.waiting.is_empty() {
            return None;
        }
        state.in_flight += 1;
        Some(Permit(self.clone()))
    }

    /// Waits for a permit.
    pub(crate) fn acquire(&self) -> Acquire {
        Acquire {
            semaphore: self.clone(),
            ticket: None,
        }
    }

    /// Waits until no permit is in use and no request waits for one.
    pub(crate) fn drained(&self) -> Drained {
        Drained {
            semaphore: self.clone(),
            ticket: None,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No step under the lock leaves the state half-changed.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Unlocks the state, and wakes the futures that its change concerns.
    fn unlock_and_wake(&self, mut state: MutexGuard<'_, State>) {
        let next = if state.in_flight < self.0.limit {
            let first = state.waiting.values_mut().next();
            first.and_then(Option::take)
        } else {
            None
        };
        let draining = if state.is_empty() {
            mem::take(&mut state.draining)
        } else {
            BTreeMap::new()
        };
        drop(state);
        let wakers = next.into_iter().chain(draining.into_values());
        wakers.for_each(Waker::wake);
    }
}

impl State {
    fn is_empty(&self) -> bool {
        self.in_flight == 0 && self.waiting.is_empty()
    }

    fn new_ticket(&mut self) -> Ticket {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        ticket
    }
}

/// A permit of a [`Semaphore`]. Dropping it gives it back.
pub(crate) struct Permit(Semaphore);

impl Drop for Permit {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.in_flight -= 1;
        self.0.unlock_and_wake(state);
    }
}

/// The future of [`Semaphore::acquire`].
pub(crate) struct Acquire {
    semaphore: Semaphore,
    ticket: Option<Ticket>,
}

impl Future for Acquire {
    type Output = Permit;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Permit> {
        let Self { semaphore, ticket } = self.get_mut();
        let waker = context.waker().clone();
        let mut state = semaphore.lock();
        let first = state.waiting.first_key_value();
        let is_first = first.is_none_or(|(first, _)| Some(*first) == *ticket);
        if is_first && state.in_flight < semaphore.0.limit {
            if ticket.take().is_some() {
                // Its waker is gone already if it was woken for its turn. It may also be polled for another reason.
                let this = state.waiting.pop_first();
                state.in_flight += 1;
                // There may be a permit for the next one, too, which is not woken before it is the first.
                semaphore.unlock_and_wake(state);
                drop(this);
            } else {
                state.in_flight += 1;
            }
            return Poll::Ready(Permit(semaphore.clone()));
        }
        let ticket = *ticket.get_or_insert_with(|| state.new_ticket());
        let former = state.waiting.insert(ticket, Some(waker));
        drop(state);
        drop(former);
        Poll::Pending
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else { return };
        let mut state = self.semaphore.lock();
        let this = state.waiting.remove(&ticket);
        self.semaphore.unlock_and_wake(state);
        drop(this);
    }
}

/// The future of [`Semaphore::drained`].
pub(crate) struct Drained {
    semaphore: Semaphore,
    ticket: Option<Ticket>,
}

impl Future for Drained {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Self { semaphore, ticket } = self.get_mut();
        let waker = context.waker().clone();
        let mut state = semaphore.lock();
        if state.is_empty() {
            return Poll::Ready(());
        }
        let ticket = *ticket.get_or_insert_with(|| state.new_ticket());
        let former = state.draining.insert(ticket, waker);
        drop(state);
        drop(former);
        Poll::Pending
    }
}

impl Drop for Drained {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else { return };
        let mut state = self.semaphore.lock();
        let this = state.draining.remove(&ticket);
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

    /// Counts how often a waker is woken.
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
    fn no_request_is_woken_that_cannot_have_a_permit() {
        let semaphore = Semaphore::new(1);
        let permit = semaphore.try_acquire();
        let (mut first, mut second, mut third) = (
            semaphore.acquire(),
            semaphore.acquire(),
            semaphore.acquire(),
        );
        let wakes = [(); 3].map(|()| Wakes::new());
        assert!(poll(&mut first, &wakes[0]).is_pending());
        assert!(poll(&mut second, &wakes[1]).is_pending());
        assert!(poll(&mut third, &wakes[2]).is_pending());
        let counts = || wakes.each_ref().map(|wakes| wakes.count());
        drop(second);
        assert_eq!((counts(), semaphore.outstanding()), ([0, 0, 0], 3));
        drop(permit);
        assert_eq!(counts(), [1, 0, 0]);
        let permit = poll(&mut first, &wakes[0]);
        assert!(permit.is_ready());
        assert!(poll(&mut third, &wakes[2]).is_pending());
        assert_eq!((semaphore.in_flight(), semaphore.outstanding()), (1, 2));
        drop(permit);
        assert_eq!(counts(), [1, 0, 1]);
    }

    #[test]
    fn a_request_with_a_permit_wakes_the_next_if_there_is_one_for_it() {
        let semaphore = Semaphore::new(2);
        let permits = [semaphore.try_acquire(), semaphore.try_acquire()];
        let mut waiting = [
            semaphore.acquire(),
            semaphore.acquire(),
            semaphore.acquire(),
        ];
        let wakes = [(); 3].map(|()| Wakes::new());
        for (waiting, wakes) in waiting.iter_mut().zip(&wakes) {
            assert!(poll(waiting, wakes).is_pending());
        }
        let counts = || wakes.each_ref().map(|wakes| wakes.count());
        drop(permits);
        assert_eq!(counts(), [1, 0, 0]);
        // There are two permits, but it is the turn of the first request.
        assert!(semaphore.try_acquire().is_none());
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
    fn drained_is_woken_once_no_permit_is_in_use_and_no_request_waits() {
        let semaphore = Semaphore::new(1);
        let permit = semaphore.try_acquire();
        let mut acquiring = semaphore.acquire();
        let mut drained = [semaphore.drained(), semaphore.drained()];
        let wakes = [(); 3].map(|()| Wakes::new());
        assert!(poll(&mut acquiring, &wakes[0]).is_pending());
        assert!(poll(&mut drained[0], &wakes[1]).is_pending());
        assert!(poll(&mut drained[1], &wakes[2]).is_pending());
        let counts = || wakes.each_ref().map(|wakes| wakes.count());
        drop(permit);
        assert_eq!(counts(), [1, 0, 0]);
        let permit = poll(&mut acquiring, &wakes[0]);
        assert!(poll(&mut drained[0], &wakes[1]).is_pending());
        drop(permit);
        assert_eq!(counts(), [1, 1, 1]);
        assert!(drained.iter_mut().all(|it| poll(it, &wakes[1]).is_ready()));
    }

    #[test]
    fn the_waker_of_the_last_poll_is_woken_and_the_others_are_dropped() {
        let semaphore = Semaphore::new(1);
        let permit = semaphore.try_acquire();
        let (mut acquiring, mut drained) = (semaphore.acquire(), semaphore.drained());
        let (mut gives_up, mut also_gives_up) = (semaphore.acquire(), semaphore.drained());
        let (former, last) = (Wakes::new(), Wakes::new());
        for wakes in [&former, &last] {
            assert!(poll(&mut acquiring, wakes).is_pending());
            assert!(poll(&mut drained, wakes).is_pending());
        }
        assert!(poll(&mut gives_up, &former).is_pending());
        assert!(poll(&mut also_gives_up, &former).is_pending());
        // This one here, and those of the two that are dropped next.
        assert_eq!(Arc::strong_count(&former), 3);
        drop(gives_up);
        drop(also_gives_up);
        assert_eq!(Arc::strong_count(&former), 1);
        drop(permit);
        assert_eq!(last.count(), 1);
        drop(poll(&mut acquiring, &last));
        assert_eq!((former.count(), last.count()), (0, 2));
    }

    #[test]
    fn a_future_that_was_never_polled_leaves_nothing_behind() {
        let semaphore = Semaphore::new(1);
        let wakes = Wakes::new();
        let permit = semaphore.try_acquire();
        let mut waiting = semaphore.acquire();
        assert!(poll(&mut waiting, &wakes).is_pending());
        drop(semaphore.acquire());
        drop(semaphore.drained());
        assert_eq!((semaphore.in_flight(), semaphore.outstanding()), (1, 2));
        drop(permit);
        assert_eq!(wakes.count(), 1);
        assert!(poll(&mut waiting, &wakes).is_ready());
        assert!(poll(&mut semaphore.drained(), &wakes).is_ready());
        assert_eq!(semaphore.outstanding(), 0);
    }
}
