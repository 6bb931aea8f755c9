//! A detached publish as a task for a spawner.

use std::fmt;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::error::Origin;
use crate::bus::semaphore::Permit;
use crate::log;

/// A detached publish, for a spawner to run: a future without a result.
///
/// Polling it after it is ready does nothing. Dropping it before cancels the publish, which is logged.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, DetachedTask};
///
/// # fn run_in_the_background(task: impl Future<Output = ()> + Send + 'static) { drop(task) }
/// let bus = Bus::isolated().spawner(|task: DetachedTask| run_in_the_background(task)).build()?;
/// # drop(bus);
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[must_use = "a detached task does nothing until it is spawned"]
pub struct DetachedTask {
    // In the order in which they are dropped: the publish is over before the permit is free.
    publish: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    permit: Option<Permit>,
    /// None once it has begun: then the publish itself logs how far it has come.
    not_begun: Option<NotBegun>,
    origin: Origin,
}

impl DetachedTask {
    pub(super) fn new(
        publish: impl Future<Output = ()> + Send + 'static,
        permit: Permit,
        not_begun: NotBegun,
    ) -> Self {
        Self {
            origin: not_begun.0,
            publish: Some(Box::pin(publish)),
            permit: Some(permit),
            not_begun: Some(not_begun),
        }
    }
}

impl Future for DetachedTask {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let Some(publish) = &mut this.publish else {
            return Poll::Ready(());
        };
        if let Some(not_begun) = this.not_begun.take() {
            not_begun.disarm();
        }
        let polled = publish.as_mut().poll(context);
        if polled.is_ready() {
            // A spawner may keep the task for longer, which is then no longer outstanding.
            this.publish = None;
            this.permit = None;
        }
        polled
    }
}

impl fmt::Debug for DetachedTask {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Origin {
            event_name,
            published_at,
        } = self.origin;
        write!(
            formatter,
            "DetachedTask(`{event_name}`, published at {published_at})"
        )
    }
}

/// A detached publish that has not begun. If it is dropped, that is logged.
pub(super) struct NotBegun(pub(super) Origin);

impl NotBegun {
    /// From now on something else reports the end of the publish.
    pub(super) fn disarm(self) {
        mem::forget(self);
    }
}

impl Drop for NotBegun {
    fn drop(&mut self) {
        log::never_polled(self.0.event_name, self.0.published_at);
    }
}
