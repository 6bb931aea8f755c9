//! An event that a handler has returned, and the way it came.

use std::iter::successors;
use std::sync::Arc;

use super::Cause;
use crate::contained::Contained;
use crate::event::{Event, EventRef};

/// An event that a handler returned, which waits to be published.
pub(crate) struct ReturnedEvent(Box<dyn Returned>);

/// An event of any type, with its lineage in the same box.
trait Returned: Send + Sync {
    fn event(&self) -> EventRef<'_>;
    fn lineage(&self) -> &Lineage;
}

struct WithLineage<E> {
    event: Contained<E>,
    lineage: Lineage,
}

impl<E: Event> Returned for WithLineage<E> {
    fn event(&self) -> EventRef<'_> {
        let event = self.event.get();
        EventRef::new(event.expect("it is taken out only when it is dropped"))
    }

    fn lineage(&self) -> &Lineage {
        &self.lineage
    }
}

impl ReturnedEvent {
    #[inline]
    pub(crate) fn new<E: Event>(event: E, lineage: impl FnOnce() -> Lineage) -> Self {
        // Written to its place: `Box::new` would copy it there.
        let returned: Box<WithLineage<E>> = Box::write(
            Box::new_uninit(),
            WithLineage {
                event: Contained::new(event),
                lineage: lineage(),
            },
        );
        Self(returned)
    }

    #[inline]
    pub(crate) fn event(&self) -> EventRef<'_> {
        self.0.event()
    }

    #[inline]
    pub(crate) fn lineage(&self) -> &Lineage {
        self.0.lineage()
    }
}

/// The handler that returned an event, the one that returned the event it was handling, and so on.
pub(crate) struct Lineage {
    cause: Cause,
    earlier: Option<Arc<Lineage>>,
}

impl Lineage {
    /// The lineage of an event that `cause` has returned, while it was handling an event of the lineage `earlier`.
    #[inline]
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

    /// The handler that returned the event.
    pub(crate) fn cause(&self) -> &Cause {
        &self.cause
    }

    pub(crate) fn causes(&self) -> impl Iterator<Item = Cause> {
        successors(Some(self), |lineage| lineage.earlier.as_deref()).map(|lineage| lineage.cause)
    }
}

impl Drop for Lineage {
    /// Drops one after the other: a chain may be as long as a cascade.
    fn drop(&mut self) {
        let mut earlier = self.earlier.take();
        while let Some(mut lineage) = earlier.and_then(Arc::into_inner) {
            earlier = lineage.earlier.take();
        }
    }
}
