//! The handle of what was handed over, and the place where its outcome arrives.

use std::fmt;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The outcome of what was [handed over](crate::Bus::hand_over), as a future. Nobody has to await it: what was handed
/// over goes on if this is dropped.
///
/// `T` is what a publish returns: `Result<Delivered, PublishError>` for an event, and what
/// [`Pending::publish`](crate::Pending::publish) returns for a `Pending`. If the task is dropped before its end, each
/// event that was not delivered to the end has an error whose [refusal](crate::PublishError::refusal)
/// [is a cancellation](crate::Refusal::is_cancelled).
///
/// # Panics
///
/// If it is polled again after it was ready.
///
/// # Examples
///
/// ```
/// use std::thread;
///
/// use eventful::{Bus, Delivered, HandedOver, PublishError, event};
///
/// #[event(async)]
/// struct OrderShipped;
///
/// # use futures_lite::future::block_on;
/// # block_on(async {
/// let bus = Bus::isolated()
///     .subscribe("mail", |_: &OrderShipped| async {})
///     .spawner(|task| drop(thread::spawn(|| block_on(task))))
///     .build()?;
/// let outcome: HandedOver<Result<Delivered, PublishError>> = bus.hand_over(OrderShipped)?;
/// assert_eq!(outcome.await?.handled(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
pub struct HandedOver<T>(Arc<Slot<T>>);

impl<T> HandedOver<T> {
    pub(super) fn new(slot: Arc<Slot<T>>) -> Self {
        Self(slot)
    }
}

impl<T> Future for HandedOver<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        // The user's code runs without the lock.
        let waker = context.waker().clone();
        let mut state = self.0.lock();
        let next = match *state {
            State::Done(_) | State::Taken => State::Taken,
            State::Spawning | State::Refused | State::Open(_) => State::Open(Some(waker)),
        };
        let former = mem::replace(&mut *state, next);
        drop(state);
        match former {
            State::Done(outcome) => Poll::Ready(outcome),
            State::Taken => panic!("`HandedOver` was polled after it was ready"),
            State::Spawning | State::Refused | State::Open(_) => Poll::Pending,
        }
    }
}

impl<T> fmt::Debug for HandedOver<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &*self.0.lock() {
            State::Done(_) | State::Taken => "finished",
            State::Spawning | State::Refused | State::Open(_) => "under way",
        };
        write!(formatter, "HandedOver({state})")
    }
}

/// The place where the outcome arrives.
pub(super) struct Slot<T>(Mutex<State<T>>);

enum State<T> {
    /// The spawner has not returned.
    Spawning,
    /// The spawner has dropped the task and not returned.
    Refused,
    /// The outcome is to come.
    Open(Option<Waker>),
    Done(T),
    Taken,
}

impl<T> Slot<T> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State::Spawning))
    }

    /// Notes that the task was dropped before it began. Returns `false` if the spawner has returned: then nobody is
    /// told.
    pub(super) fn refuse(&self) -> bool {
        let mut state = self.lock();
        let is_spawning = matches!(*state, State::Spawning);
        if is_spawning {
            *state = State::Refused;
        }
        is_spawning
    }

    pub(super) fn finish(&self, outcome: T) {
        let former = mem::replace(&mut *self.lock(), State::Done(outcome));
        if let State::Open(Some(waker)) = former {
            waker.wake();
        }
    }

    /// Notes that the spawner has returned. Returns `false` if it has dropped the task before that began.
    pub(super) fn open(&self) -> bool {
        let mut state = self.lock();
        if matches!(*state, State::Spawning) {
            *state = State::Open(None);
        }
        !matches!(*state, State::Refused)
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // No step under the lock leaves the state half-changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
