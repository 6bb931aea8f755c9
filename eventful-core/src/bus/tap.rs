//! The hook of the feature `testing`: it sees each event of a bus before its handlers do.

#[cfg(feature = "testing")]
use std::any::Any;
#[cfg(feature = "testing")]
use std::sync::Arc;

use crate::event::AnyEvent;

/// The taps of one bus. Without the feature `testing` there are none.
#[derive(Clone, Default)]
pub(super) struct Taps(#[cfg(feature = "testing")] Vec<Arc<dyn Tap>>);

/// Sees each event as its delivery begins: published, nested and returned ones.
#[cfg(feature = "testing")]
pub(crate) trait Tap: Any + Send + Sync {
    fn tap(&self, event: &dyn AnyEvent) -> Tapped;
}

/// The verdict of a tap on an event.
#[cfg(feature = "testing")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tapped {
    /// Its handlers run.
    Deliver,
    /// No handler runs, and the publish succeeds all the same.
    Fake,
}

#[cfg(feature = "testing")]
impl Taps {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns `true` if no tap fakes the event. Each of them sees it.
    pub(super) fn deliver(&self, event: &dyn AnyEvent) -> bool {
        let faked = self.0.iter().filter(|tap| tap.tap(event) == Tapped::Fake);
        faked.count() == 0
    }
}

#[cfg(feature = "testing")]
impl super::BusBuilder {
    pub(crate) fn taps(&mut self) -> &mut Vec<Arc<dyn Tap>> {
        &mut self.taps.0
    }
}

#[cfg(not(feature = "testing"))]
#[expect(
    clippy::unused_self,
    reason = "the same calls as with the feature `testing`"
)]
impl Taps {
    pub(super) fn is_empty(&self) -> bool {
        true
    }

    pub(super) fn deliver(&self, _: &dyn AnyEvent) -> bool {
        true
    }
}
