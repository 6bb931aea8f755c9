//! The durable event that is being handled on this thread.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use uuid::Uuid;

use crate::{Attempt, Envelope, Headers};

/// The durable event that is being handled: by a handler that runs by itself, or in the transaction of its publish.
///
/// # Examples
///
/// ```
/// use eventful::{durable, event, handler};
/// # use serde::{Deserialize, Serialize};
///
/// #[event(durable, name = "order.placed")]
/// #[derive(Serialize, Deserialize)]
/// struct OrderPlaced;
///
/// #[handler(OrderPlaced, id = "mail.confirm")]
/// fn confirm(_: &OrderPlaced) {
///     let current = durable::current().expect("a durable event is being handled");
///     let is_replay = current.attempt.is_some_and(|attempt| attempt.is_replay);
///     println!("event {}, again because a person asked for it: {is_replay}", current.event_id);
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Current {
    /// The id of the event.
    pub event_id: Uuid,
    /// The origin of the event: its cause, its trace, the line that published it.
    pub headers: Headers,
    /// The attempt; `None` in the transaction of the publish.
    pub attempt: Option<Attempt>,
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<Current>>> = const { RefCell::new(None) };
}

/// Returns the durable event that is being handled here; `None` outside of its handlers, and in tasks that they spawn.
///
/// # Examples
///
/// ```
/// assert_eq!(eventful::durable::current(), None, "no handler is running");
/// ```
#[must_use]
pub fn current() -> Option<Current> {
    shared().map(|current| (*current).clone())
}

pub(crate) fn shared() -> Option<Arc<Current>> {
    CURRENT.with_borrow(Clone::clone)
}

impl Current {
    pub(crate) fn new(event: &Envelope, attempt: Option<Attempt>) -> Arc<Self> {
        Arc::new(Self {
            event_id: event.id,
            headers: event.headers.clone(),
            attempt,
        })
    }

    /// The first event of the chain of causes, for what is published here.
    pub(crate) fn correlation(&self) -> Uuid {
        self.headers.correlation.unwrap_or(self.event_id)
    }

    /// Makes it the current one of the thread while `body` runs.
    pub(crate) fn enter<R>(self: &Arc<Self>, body: impl FnOnce() -> R) -> R {
        let _restore = Restore(CURRENT.replace(Some(Arc::clone(self))));
        body()
    }

    /// Makes it the current one in `future`, on every thread that polls it.
    pub(crate) fn within<F: Future + Unpin>(self: Arc<Self>, future: F) -> Within<F> {
        Within {
            current: self,
            future,
        }
    }
}

/// Puts back what was the current event, also when the thread unwinds.
struct Restore(Option<Arc<Current>>);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

pub(crate) struct Within<F> {
    current: Arc<Current>,
    future: F,
}

impl<F: Future + Unpin> Future for Within<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let Self { current, future } = self.get_mut();
        current.enter(|| Pin::new(future).poll(context))
    }
}
