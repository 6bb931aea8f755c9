//! What sees each event of a bus before its handlers do: the hook of [`testing`](crate::testing).

use std::any::Any;
use std::sync::Arc;

use super::BusBuilder;
use crate::event::AnyEvent;

/// Is shown each event as its delivery begins: published, nested and returned ones.
pub(crate) trait Tap: Any + Send + Sync {
    fn tap(&self, event: &dyn AnyEvent) -> Tapped;
}

/// What becomes of an event that a tap has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tapped {
    /// Its handlers run.
    Deliver,
    /// No handler runs, and the publish succeeds all the same.
    Fake,
}

impl BusBuilder {
    pub(crate) fn taps(&mut self) -> &mut Vec<Arc<dyn Tap>> {
        &mut self.taps
    }
}

/// Whether no tap fakes the event. Each is shown it.
pub(super) fn is_delivered(taps: &[Arc<dyn Tap>], event: &dyn AnyEvent) -> bool {
    let faked = taps.iter().filter(|tap| tap.tap(event) == Tapped::Fake);
    faked.count() == 0
}
