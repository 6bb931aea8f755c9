//! One event that was recorded.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::event_types::EventType;

/// What is kept of an event: a clone of it, or what a projection made of it.
// `Debug` is asked for where a recorder is given to a bus, so that every message can show what was recorded instead: stable
// Rust cannot ask a value whether it has `Debug`, and a bound on the assertions alone would show the one type asked about.
// An event without it is captured through a projection.
pub(super) trait Value: Any + Send + Sync + fmt::Debug {}

impl<T: Any + Send + Sync + fmt::Debug> Value for T {}

/// What is kept of one event.
#[derive(Clone, Default)]
pub(super) struct Kept {
    pub(super) clone: Option<Arc<dyn Value>>,
    pub(super) projections: Vec<Arc<dyn Value>>,
}

impl Kept {
    pub(super) fn event<E: 'static>(&self) -> Option<&E> {
        downcast(self.clone.as_ref()?)
    }

    pub(super) fn projection<T: 'static>(&self) -> Option<&T> {
        self.projections.iter().find_map(downcast)
    }
}

fn downcast<T: 'static>(value: &Arc<dyn Value>) -> Option<&T> {
    let value: &dyn Any = &**value;
    value.downcast_ref()
}

#[derive(Clone)]
pub(super) struct Record {
    /// How many the recorder had recorded before.
    pub(super) number: u64,
    pub(super) event: EventType,
    pub(super) kept: Kept,
}

impl fmt::Debug for Record {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// The name, and the values if any are kept.
impl fmt::Display for Record {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.event.name)?;
        let Kept { clone, projections } = &self.kept;
        let mut separator = ": ";
        for value in clone.iter().chain(projections) {
            write!(formatter, "{separator}{value:?}")?;
            separator = ", ";
        }
        Ok(())
    }
}
