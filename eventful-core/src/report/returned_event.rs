//! An event that a handler has returned.

use std::any::Any;
use std::iter::successors;
use std::sync::Arc;

use super::{Cause, Contained};
use crate::raw::Erased;

/// An event that a handler returned, which waits to be published.
pub(crate) struct ReturnedEvent(Contained<Box<dyn Returned>>);

/// An event of any type, with its lineage in the same box.
pub(crate) trait Returned: Send + Sync {
    /// What there is to know of its type.
    fn info(&self) -> &'static (dyn Any + Sync);
    fn value(&self) -> Erased<'_>;
    fn lineage(&self) -> &Lineage;
}

impl ReturnedEvent {
    pub(crate) fn new(returned: Box<dyn Returned>) -> Self {
        Self(Contained::new(returned))
    }

    pub(crate) fn returned(&self) -> &dyn Returned {
        let returned = self.0.get().map(|returned| &**returned);
        returned.expect("it is taken out only when it is dropped")
    }

    pub(crate) fn lineage(&self) -> &Lineage {
        self.returned().lineage()
    }
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
