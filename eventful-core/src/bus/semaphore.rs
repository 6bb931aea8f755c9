//! A semaphore for what is handed over: places in the order of the requests, and a wait until no permit is left.

use std::collections::BTreeMap;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Has `limit` places for those who have a [`Permit`], and counts the permits.
///
/// The models in `tests/loom_semaphore.rs` check that no permit waits for ever, and that no more than `limit` have a
/// place.
#[derive(Clone)]
pub(crate) struct Semaphore(Arc<Shared>);

struct Shared {
    limit: usize,
    state: Mutex<State>,
}

// Cloning, waking and dropping a waker runs the user's code. It happens without the lock, which that code may need.
#[derive(Default)]
struct State {
    /// The number of permits that have a place. While a permit waits it is the limit.
    placed: usize,
    /// The number of permits that need no place.
    beside: usize,
    /// The permits that wait for a place. One that was never polled has no waker.
    waiting: BTreeMap<Ticket, Option<Waker>>,
    next_ticket: Ticket,
    /// The futures that wait until no permit is left.
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

    pub(crate) fn limit(&self) -> usize {
        self.0.limit
    }

    /// Returns the number of permits, those that wait for a place included.
    pub(crate) fn count(&self) -> usize {
        self.lock().count()
    }

    /// Returns a permit with a place, if one is free.
    pub(crate) fn try_enter(&self) -> Option<Permit> {
        let is_free = self.lock().take_place(self.0.limit);
        is_free.then(|| self.permit(Place::Taken))
    }

    /// Returns a permit that has a place, or that waits for one behind those that wait already.
    pub(crate) fn queue(&self) -> Permit {
        let mut state = self.lock();
        if state.take_place(self.0.limit) {
            return self.permit(Place::Taken);
        }
        let ticket = state.new_ticket();
        state.waiting.insert(ticket, None);
        self.permit(Place::Awaited(ticket))
    }

    /// Returns a permit that needs no place.
    pub(crate) fn enter_beside(&self) -> Permit {
        self.lock().beside += 1;
        self.permit(Place::None)
    }

    fn permit(&self, place: Place) -> Permit {
        Permit {
            semaphore: self.clone(),
            place,
        }
    }

    /// Waits until no permit is left.
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
}

impl State {
    fn count(&self) -> usize {
        self.placed + self.beside + self.waiting.len()
    }

    /// Takes a place, if one is free.
    fn take_place(&mut self, limit: usize) -> bool {
        let is_free = self.placed < limit;
        self.placed += usize::from(is_free);
        is_free
    }

    fn new_ticket(&mut self) -> Ticket {
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        ticket
    }
}

/// A permit of a [`Semaphore`], which counts it until it is dropped.
pub(crate) struct Permit {
    semaphore: Semaphore,
    place: Place,
}

enum Place {
    None,
    Taken,
    /// Waited for, or given to it since the last time it asked: then the ticket waits no longer.
    Awaited(Ticket),
}

impl Permit {
    /// Waits until it has a place, if it needs one.
    pub(crate) fn poll_place(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Place::Awaited(ticket) = self.place else {
            return Poll::Ready(());
        };
        let waker = context.waker().clone();
        let mut state = self.semaphore.lock();
        let Some(place) = state.waiting.get_mut(&ticket) else {
            drop(state);
            self.place = Place::Taken;
            return Poll::Ready(());
        };
        let former = place.replace(waker);
        drop(state);
        drop(former);
        Poll::Pending
    }
}

impl Drop for Permit {
    /// Leaves its place to the first permit that waits.
    fn drop(&mut self) {
        let mut state = self.semaphore.lock();
        let own = match self.place {
            Place::Awaited(ticket) => state.waiting.remove(&ticket),
            Place::None | Place::Taken => None,
        };
        let mut next = None;
        match self.place {
            Place::None => state.beside -= 1,
            Place::Awaited(_) if own.is_some() => {}
            Place::Awaited(_) | Place::Taken => match state.waiting.pop_first() {
                Some((_, waker)) => next = waker,
                None => state.placed -= 1,
            },
        }
        let draining = if state.count() == 0 {
            mem::take(&mut state.draining)
        } else {
            BTreeMap::new()
        };
        drop(state);
        drop(own);
        let wakers = next.into_iter().chain(draining.into_values());
        wakers.for_each(Waker::wake);
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
        if state.count() == 0 {
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

    fn poll_place(permit: &mut Permit, wakes: &Arc<Wakes>) -> Poll<()> {
        permit.poll_place(&mut Context::from_waker(&Arc::clone(wakes).into()))
    }

    #[test]
    fn a_place_goes_to_the_first_that_waits_and_nobody_else_is_woken() {
        let semaphore = Semaphore::new(1);
        let permit = semaphore.try_enter();
        let mut waiting = [(); 3].map(|()| semaphore.queue());
        let wakes = [(); 3].map(|()| Wakes::new());
        for (permit, wakes) in waiting.iter_mut().zip(&wakes) {
            assert!(poll_place(permit, wakes).is_pending());
        }
        let counts = || wakes.each_ref().map(|wakes| wakes.count());
        let [mut first, second, mut third] = waiting;
        drop(second);
        assert_eq!((counts(), semaphore.count()), ([0, 0, 0], 3));
        drop(permit);
        assert_eq!(counts(), [1, 0, 0]);
        assert!(semaphore.try_enter().is_none(), "the place is given away");
        assert!(poll_place(&mut first, &wakes[0]).is_ready());
        assert!(poll_place(&mut third, &wakes[2]).is_pending());
        drop(first);
        assert_eq!((counts(), semaphore.count()), ([1, 0, 1], 1));
    }

    #[test]
    fn a_place_that_was_given_to_a_permit_is_passed_on_if_that_is_dropped() {
        let semaphore = Semaphore::new(1);
        let permit = semaphore.try_enter();
        let (first, mut second) = (semaphore.queue(), semaphore.queue());
        let wakes = Wakes::new();
        assert!(poll_place(&mut second, &wakes).is_pending());
        drop(permit);
        assert_eq!(wakes.count(), 0, "it is the turn of the first");
        drop(first);
        assert_eq!(wakes.count(), 1);
        assert!(poll_place(&mut second, &wakes).is_ready());
        drop(second);
        assert!(semaphore.try_enter().is_some());
    }

    #[test]
    fn a_permit_beside_the_places_takes_none_and_counts() {
        let semaphore = Semaphore::new(1);
        let (place, mut beside) = (semaphore.try_enter(), semaphore.enter_beside());
        let wakes = Wakes::new();
        assert!(poll_place(&mut beside, &wakes).is_ready());
        assert_eq!(semaphore.count(), 2);
        drop(place);
        assert!(poll(&mut semaphore.drained(), &wakes).is_pending());
        assert!(semaphore.try_enter().is_some());
        drop(beside);
        assert!(poll(&mut semaphore.drained(), &wakes).is_ready());
    }

    #[test]
    fn drained_is_woken_once_no_permit_is_left() {
        let semaphore = Semaphore::new(1);
        let permit = semaphore.try_enter();
        let mut waiting = semaphore.queue();
        let mut drained = [semaphore.drained(), semaphore.drained()];
        let wakes = [(); 3].map(|()| Wakes::new());
        assert!(poll_place(&mut waiting, &wakes[0]).is_pending());
        assert!(poll(&mut drained[0], &wakes[1]).is_pending());
        assert!(poll(&mut drained[1], &wakes[2]).is_pending());
        let counts = || wakes.each_ref().map(|wakes| wakes.count());
        drop(permit);
        assert_eq!(counts(), [1, 0, 0]);
        assert!(poll(&mut drained[0], &wakes[1]).is_pending());
        drop(waiting);
        assert_eq!(counts(), [1, 1, 1]);
        assert!(drained.iter_mut().all(|it| poll(it, &wakes[1]).is_ready()));
    }

    #[test]
    fn the_waker_of_the_last_poll_is_woken_and_the_others_are_dropped() {
        let semaphore = Semaphore::new(1);
        let permit = semaphore.try_enter();
        let (mut waiting, mut drained) = (semaphore.queue(), semaphore.drained());
        let (mut gives_up, mut also_gives_up) = (semaphore.queue(), semaphore.drained());
        let (former, last) = (Wakes::new(), Wakes::new());
        for wakes in [&former, &last] {
            assert!(poll_place(&mut waiting, wakes).is_pending());
            assert!(poll(&mut drained, wakes).is_pending());
        }
        assert!(poll_place(&mut gives_up, &former).is_pending());
        assert!(poll(&mut also_gives_up, &former).is_pending());
        // This one here, and those of the two that are dropped next.
        assert_eq!(Arc::strong_count(&former), 3);
        drop(gives_up);
        drop(also_gives_up);
        assert_eq!(Arc::strong_count(&former), 1);
        drop(permit);
        assert_eq!(last.count(), 1);
        drop(waiting);
        assert_eq!((former.count(), last.count()), (0, 2));
    }
}
