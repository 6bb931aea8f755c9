//! The recorder of a test.

use std::fmt;
use std::sync::Arc;

use super::coverage::{Coverage, Why};
use super::event_log::EventLog;
use super::event_types::EventType;
use super::record::{Record, RecordedValues};
use crate::event::Event;

/// A record of the events that are published on a bus, in order, for one test.
///
/// Give it to the builder of a bus with a method that names the events: see
/// [`BusBuilder::capture`](crate::BusBuilder::capture) and [`BusBuilder::fake`](crate::BusBuilder::fake). It then
/// records the publishes on this bus, on every thread, and no others.
///
/// A clone is the same record: it can be moved to another thread, or be a resource of the bus. A recorder of several
/// buses records all of them in one order. Each test makes its own, so that tests run at once and never see each
/// other's events.
///
/// A question about an event that the recorder does not record is a panic, not an answer of zero.
///
/// # Examples
///
/// ```
/// use eventful::testing::Recorder;
/// use eventful::{Bus, event};
///
/// #[event]
/// #[derive(Clone, Debug)]
/// struct OrderCreated {
///     order_id: u64,
/// }
///
/// fn create_order() {
///     OrderCreated { order_id: 3 }.publish().ok();
/// }
///
/// let recorder = Recorder::new();
/// let bus = Bus::isolated().capture::<OrderCreated>(&recorder).build()?;
/// bus.scope(create_order);
/// recorder.assert_one(|event: &OrderCreated| event.order_id == 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Recorder(pub(super) Arc<EventLog>);

impl Recorder {
    /// Creates an empty record.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the events of type `E`, as clones, in the order in which their deliveries began.
    ///
    /// # Panics
    ///
    /// If no bus records clones of `E` here.
    #[must_use]
    #[track_caller]
    pub fn events<E: Event + Clone>(&self) -> Vec<E> {
        cloned(&self.records_of_clones::<E>())
    }

    /// Returns the [projections](crate::BusBuilder::capture_with) of the events of type `E`, in the order in which
    /// their deliveries began.
    ///
    /// # Panics
    ///
    /// If no bus records `E` as a `T` here.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::testing::Recorder;
    /// use eventful::{Bus, event};
    ///
    /// #[event]
    /// struct OrderCreated {
    ///     order_id: u64,
    /// }
    ///
    /// let recorder = Recorder::new();
    /// let bus = Bus::isolated()
    ///     .capture_with(&recorder, |event: &OrderCreated| event.order_id)
    ///     .build()?;
    /// bus.publish(&OrderCreated { order_id: 3 })?;
    /// assert_eq!(recorder.projections::<OrderCreated, u64>(), [3]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn projections<E: Event, T: Clone + Send + Sync + 'static>(&self) -> Vec<T> {
        self.check(|coverage| coverage.check_projection::<T>(EventType::of::<E>()));
        let records = self.records_of::<E>();
        let projections = records
            .iter()
            .filter_map(|record| record.values.projection());
        projections.cloned().collect()
    }

    /// Returns the number of events of type `E` that were recorded.
    ///
    /// # Panics
    ///
    /// If no bus records `E` here.
    #[must_use]
    #[track_caller]
    pub fn count<E: Event>(&self) -> usize {
        self.check(|coverage| coverage.check(EventType::of::<E>()));
        self.records_of::<E>().len()
    }

    /// Returns the names of all recorded events, in the order in which their deliveries began.
    ///
    /// An event has the same name in logs and errors: module path and type name, or its `name = "…"`.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        let records = self.records();
        records.iter().map(|record| record.event.name).collect()
    }

    /// Returns the events of type `E`, as clones, and forgets them.
    ///
    /// # Panics
    ///
    /// If no bus records clones of `E` here.
    #[must_use = "the events are forgotten; `clear` forgets them all"]
    #[track_caller]
    pub fn take<E: Event + Clone>(&self) -> Vec<E> {
        self.check(|coverage| coverage.check_clones(EventType::of::<E>()));
        cloned(&self.0.take(Some(EventType::of::<E>())))
    }

    /// Forgets all records. The recorder goes on to record the same events.
    pub fn clear(&self) {
        drop(self.0.take(None));
    }

    /// Records `event` as if it had been published and captured, for tests of code that asks a recorder.
    pub fn record<E: Event + Clone + fmt::Debug>(&self, event: E) {
        self.cover(|coverage| coverage.add_clones::<E>(Why::Captured));
        let values = RecordedValues {
            clone: Some(Arc::new(event)),
            projections: Vec::new(),
        };
        self.0.add(EventType::of::<E>(), values);
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(super) fn cover(&self, change: impl FnOnce(&mut Coverage)) {
        change(&mut self.0.contents().coverage);
    }

    pub(super) fn records(&self) -> Vec<Record> {
        self.0.records()
    }

    /// Returns the records of `E`, which have clones.
    #[track_caller]
    pub(super) fn records_of_clones<E: Event>(&self) -> Vec<Record> {
        self.check(|coverage| coverage.check_clones(EventType::of::<E>()));
        self.records_of::<E>()
    }

    /// Panics if the question is about an event that is not recorded.
    #[track_caller]
    pub(super) fn check(&self, question: impl FnOnce(&Coverage) -> Result<(), String>) {
        let answer = question(&self.0.contents().coverage);
        if let Err(text) = answer {
            panic!("{text}");
        }
    }

    fn records_of<E: Event>(&self) -> Vec<Record> {
        let event = EventType::of::<E>();
        let mut records = self.records();
        records.retain(|record| record.event == event);
        records
    }
}

/// The recorded events.
impl fmt::Debug for Recorder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Recorder")?;
        formatter.debug_list().entries(self.records()).finish()
    }
}

fn cloned<E: Event + Clone>(records: &[Record]) -> Vec<E> {
    let events = records.iter().filter_map(|record| record.values.event());
    events.cloned().collect()
}
