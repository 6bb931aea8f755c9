//! An event that a handler has returned.

use std::iter::successors;
use std::sync::Arc;

use super::Cause;
use crate::event::BoxedEvent;

/// An event that a handler returned, which waits to be published.
pub(crate) struct ReturnedEvent {
    pub(crate) event: BoxedEvent,
    pub(crate) lineage: Lineage,
}

/// Which handler returned an event, and which one the event that it was handling.
pub(crate) struct Lineage {
    cause: Cause,
    earlier: Option<Arc<Lineage>>,
}

impl Lineage {
    /// Of an event that `cause` has returned while it was handling one of the lineage `earlier`.
    pub(crate) fn new(cause: Cause, earlier: Option<&Self>) -> Self {
        // Most events are not returned by handlers of returned ones, and what they are returned in outlasts them.
        let earlier = earlier.map(|earlier| {
            Arc::new(Self {
                cause: earlier.cause,
                earlier: earlier.earlier.clone(),
            })
        });
        Self { cause, earlier }
    }

    /// Which handler returned the event.
    pub(crate) fn cause(&self) -> &Cause {
        &self.cause
    }

    pub(crate) fn causes(&self) -> impl Iterator<Item = Cause> {
        successors(Some(self), |lineage| lineage.earlier.as_deref()).map(|lineage| lineage.cause)
    }
}

impl Drop for Lineage {
    /// One after the other: a chain may be as long as a cascade.
    fn drop(&mut self) {
        let mut earlier = self.earlier.take();
        while let Some(mut lineage) = earlier.and_then(Arc::into_inner) {
            earlier = lineage.earlier.take();
        }
    }
}
