//! One event that was recorded.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::event_types::EventType;

/// A value that a record has of an event: a clone, or the output of a projection.
// The builder's methods ask for `Debug`, so that every message can show all records. Stable Rust cannot ask a value if
// it has `Debug`, and with a bound on the assertions alone a message could show one type. An event without `Debug` is
// captured through a projection.
pub(super) trait Value: Any + Send + Sync + fmt::Debug {}

impl<T: Any + Send + Sync + fmt::Debug> Value for T {}

/// The values that a record has of its event.
#[derive(Clone, Default)]
pub(super) struct RecordedValues {
    pub(super) clone: Option<Arc<dyn Value>>,
    pub(super) projections: Vec<Arc<dyn Value>>,
}

impl RecordedValues {
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
    /// The number of events that the recorder had recorded before.
    pub(super) number: u64,
    pub(super) event: EventType,
    pub(super) values: RecordedValues,
}

impl fmt::Debug for Record {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// The name of the event, and its values if there are any.
impl fmt::Display for Record {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.event.name)?;
        let RecordedValues { clone, projections } = &self.values;
        let mut separator = ": ";
        for value in clone.iter().chain(projections) {
            write!(formatter, "{separator}{value:?}")?;
            separator = ", ";
        }
        Ok(())
    }
}
