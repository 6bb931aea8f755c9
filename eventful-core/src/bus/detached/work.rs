//! Detached work: how it is run, and the future of its output.

use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::mem;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::bus::Scoped;
use crate::log;
use crate::report::RawFailure;
use crate::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The output of work that was [detached](crate::Bus::detach): a future of it.
///
/// The work goes on without it, so dropping it loses the output and nothing else.
#[must_use = "the work goes on, but its output is lost"]
pub struct DetachedWork<T> {
    shared: Arc<Mutex<State<T>>>,
    detached_at: &'static Location<'static>,
}

// Wakers and outputs are the user's: never woken or dropped under the lock.
enum State<T> {
    UnderWay(Option<Waker>),
    Over(Result<T, UnfinishedWork>),
    Taken,
}

fn lock<T>(shared: &Mutex<State<T>>) -> MutexGuard<'_, State<T>> {
    // No step under the lock leaves the state half-changed.
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What runs `work`, and the future of its output.
pub(super) fn run<F: Future<Output: Send>>(
    work: Scoped<F>,
    detached_at: &'static Location<'static>,
) -> (impl Future<Output = ()> + use<F>, DetachedWork<F::Output>) {
    let shared = Arc::new(Mutex::new(State::UnderWay(None)));
    let reply = Reply {
        shared: Arc::clone(&shared),
        detached_at,
    };
    let running = async move {
        let half_way = HalfWay(detached_at);
        let result = contain(work).await;
        half_way.over();
        reply.end(result.map_err(|message| {
            log::work_panicked(detached_at, &message);
            UnfinishedWork {
                detached_at,
                panic: Some(message),
            }
        }));
    };
    let work = DetachedWork {
        shared,
        detached_at,
    };
    (running, work)
}

/// The output of `work`, or what it said when it panicked, be it while it was dropped.
async fn contain<F: Future>(mut work: Scoped<F>) -> Result<F::Output, String> {
    let polled = poll_fn(|context| {
        let poll = || Pin::new(&mut work).poll(context);
        match catch_unwind(AssertUnwindSafe(poll)) {
            Ok(polled) => polled.map(Ok),
            Err(payload) => Poll::Ready(Err(payload)),
        }
    });
    let output = polled.await;
    let dropped = catch_unwind(AssertUnwindSafe(|| drop(work)));
    match (output, dropped) {
        (Ok(output), Ok(())) => Ok(output),
        (Err(payload), _) | (Ok(_), Err(payload)) => Err(RawFailure::panic(payload).message()),
    }
}

/// The end of the work that says how it ended.
struct Reply<T> {
    shared: Arc<Mutex<State<T>>>,
    detached_at: &'static Location<'static>,
}

impl<T> Reply<T> {
    /// The first call counts.
    fn end(&self, result: Result<T, UnfinishedWork>) {
        let mut state = lock(&self.shared);
        let waker = match &mut *state {
            State::UnderWay(waker) => waker.take(),
            State::Over(_) | State::Taken => return,
        };
        *state = State::Over(result);
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Drop for Reply<T> {
    fn drop(&mut self) {
        self.end(Err(UnfinishedWork {
            detached_at: self.detached_at,
            panic: None,
        }));
    }
}

/// Work that has begun: its end is logged, unless it is over.
struct HalfWay(&'static Location<'static>);

impl HalfWay {
    fn over(self) {
        mem::forget(self);
    }
}

impl Drop for HalfWay {
    fn drop(&mut self) {
        log::work_cut_off(self.0);
    }
}

impl<T> Future for DetachedWork<T> {
    type Output = Result<T, UnfinishedWork>;

    /// # Panics
    ///
    /// If it is polled again after it was ready.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let waker = context.waker().clone();
        let mut state = lock(&self.shared);
        let former = match &mut *state {
            State::UnderWay(present) => present.replace(waker),
            State::Over(_) | State::Taken => {
                let former = mem::replace(&mut *state, State::Taken);
                drop(state);
                let State::Over(result) = former else {
                    panic!("`DetachedWork` was polled after it was ready")
                };
                return Poll::Ready(result);
            }
        };
        drop(state);
        drop(former);
        Poll::Pending
    }
}

impl<T> fmt::Debug for DetachedWork<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DetachedWork(detached at {})", self.detached_at)
    }
}

/// Detached work that has no output: it panicked, or what was to run it dropped it. Both are also logged.
#[derive(Clone, Debug)]
pub struct UnfinishedWork {
    detached_at: &'static Location<'static>,
    panic: Option<String>,
}

impl UnfinishedWork {
    /// The line that detached it.
    #[must_use]
    pub const fn detached_at(&self) -> &'static Location<'static> {
        self.detached_at
    }

    /// Whether it panicked. Else it was dropped.
    #[must_use]
    pub const fn is_panic(&self) -> bool {
        self.panic.is_some()
    }
}

impl fmt::Display for UnfinishedWork {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.detached_at;
        match &self.panic {
            Some(message) => write!(formatter, "what was detached at {at} panicked: {message}"),
            None => write!(
                formatter,
                "what was detached at {at} was dropped before it was finished"
            ),
        }
    }
}

impl Error for UnfinishedWork {}
