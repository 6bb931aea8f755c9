//! Events that handlers have returned, and the way each one came.

use std::iter::{self, successors};
use std::mem;
use std::sync::Arc;

use super::{Cause, Failure};
use crate::contained::contain_drop;
use crate::event::{Event, EventRef};
use crate::raw::{Head, InPlace, Kept, ThinBox, ThinValue};

/// An event that a handler returned, which waits to be published.
pub(crate) struct ReturnedEvent(ThinBox<ReturnedHead>);

/// The way of a returned event, and the events that were returned before it and wait with it.
pub(crate) struct ReturnedHead {
    lineage: Lineage,
    earlier: ReturnedEvents,
}

impl Head for ReturnedHead {
    type View<'a> = EventRef<'a>;
}

impl<E: Event> ThinValue<ReturnedHead> for E {
    fn view(&self) -> EventRef<'_> {
        EventRef::new(self)
    }

    fn dispose(event: InPlace<'_, Self>) {
        contain_drop::<E>(|| drop(event));
    }
}

impl ReturnedEvent {
    #[inline]
    pub(crate) fn new<E: Event>(event: InPlace<'_, E>, lineage: Lineage) -> Self {
        let earlier = ReturnedEvents::default();
        Self(ThinBox::new(ReturnedHead { lineage, earlier }, event))
    }

    #[inline]
    pub(crate) fn event(&self) -> EventRef<'_> {
        self.0.view()
    }

    #[inline]
    pub(crate) fn lineage(&self) -> &Lineage {
        &self.0.head().lineage
    }

    #[inline]
    pub(crate) fn into_kept<T>(self) -> Kept<ReturnedHead, T> {
        Kept::Thin(self.0)
    }
}

impl ReturnedHead {
    /// The handler that returned the event.
    pub(crate) fn cause(&self) -> &Cause {
        self.lineage.cause()
    }
}

/// Returned events as a stack, the last one on top. Each one holds the one before it, so that the list needs no memory.
#[derive(Default)]
pub(crate) struct ReturnedEvents(Option<ReturnedEvent>);

impl ReturnedEvents {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    #[inline]
    pub(crate) fn push(&mut self, mut event: ReturnedEvent) {
        event.0.head_mut().earlier.0 = self.0.take();
        self.0 = Some(event);
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Option<ReturnedEvent> {
        let mut last = self.0.take()?;
        self.0 = last.0.head_mut().earlier.0.take();
        Some(last)
    }

    /// Turns the stack around: the first event is on top then.
    #[inline]
    pub(crate) fn reversed(mut self) -> Self {
        let mut reversed = Self::default();
        while let Some(event) = self.pop() {
            reversed.push(event);
        }
        reversed
    }

    /// Puts the events of another stack on top.
    #[inline]
    pub(crate) fn append(&mut self, other: Self) {
        if self.is_empty() {
            *self = other;
            return;
        }
        let mut other = other.reversed();
        while let Some(event) = other.pop() {
            self.push(event);
        }
    }

    /// Takes out those for which `is_one` returns true.
    pub(crate) fn extract(&mut self, is_one: impl Fn(&ReturnedEvent) -> bool) -> Self {
        let mut all = mem::take(self).reversed();
        let mut extracted = Self::default();
        while let Some(event) = all.pop() {
            let list = if is_one(&event) {
                &mut extracted
            } else {
                &mut *self
            };
            list.push(event);
        }
        extracted
    }

    #[inline]
    pub(crate) fn into_kept<T>(mut self) -> Kept<ReturnedHead, T> {
        let last = self.0.take();
        last.map_or(Kept::Count(0), |last| Kept::Thin(last.0))
    }

    /// Takes all of them, and drops them. Returns the names, in order.
    pub(crate) fn discard(self) -> Vec<&'static str> {
        let mut events = self.reversed();
        iter::from_fn(|| events.pop())
            .map(|event| event.event().info().name())
            .collect()
    }
}

impl From<ThinBox<ReturnedHead>> for ReturnedEvents {
    #[inline]
    fn from(last: ThinBox<ReturnedHead>) -> Self {
        Self(Some(ReturnedEvent(last)))
    }
}

impl Drop for ReturnedEvents {
    /// Drops one after the other: there may be as many as a handler likes.
    #[inline]
    fn drop(&mut self) {
        while self.pop().is_some() {}
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

    /// The lineage with these causes, the nearest first; `None` if there are none. It keeps as many as a failure does:
    /// what is handed over may hand over again, for ever.
    pub(crate) fn of(causes: Vec<Cause>) -> Option<Self> {
        let kept = causes.into_iter().take(Failure::MOST_CAUSES);
        kept.rev().fold(None, |earlier, cause| {
            Some(Self {
                cause,
                earlier: earlier.map(Arc::new),
            })
        })
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
