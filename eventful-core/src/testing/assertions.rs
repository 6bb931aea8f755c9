//! Assertions about the recorded events.

use super::Recorder;
use super::event_types::{EventType, EventTypes};
use super::in_order::InOrder;
use super::record::Record;
use super::text;
use crate::event::Event;

/// Assertions. The panic of each has the line of its caller, names the event, and lists the recorded events.
impl Recorder {
    /// Asserts that exactly `expected` events of type `E` were recorded.
    ///
    /// # Panics
    ///
    /// If another number was recorded, or if no bus records `E` here.
    #[track_caller]
    pub fn assert_count<E: Event>(&self, expected: usize) {
        let recorded = self.count::<E>();
        assert!(
            recorded == expected,
            "expected {} of type `{}`, but {}\n{}",
            text::events(expected),
            EventType::of::<E>().name,
            text::were_recorded(recorded),
            text::list(&self.records()),
        );
    }

    /// Asserts that no event of type `E` was recorded.
    ///
    /// # Panics
    ///
    /// If one was recorded, or if no bus records `E` here.
    #[track_caller]
    pub fn assert_none<E: Event>(&self) {
        self.assert_count::<E>(0);
    }

    /// Asserts that no event of any type was recorded.
    ///
    /// # Panics
    ///
    /// If one was recorded.
    #[track_caller]
    pub fn assert_empty(&self) {
        let records = self.records();
        assert!(
            records.is_empty(),
            "expected no event at all, but {}: {}\n{}",
            text::were_recorded(records.len()),
            text::counts(&records),
            text::list(&records),
        );
    }

    /// Asserts that at least one event of type `E` was recorded for which `matches` returns `true`.
    ///
    /// # Panics
    ///
    /// If there is none, or if no bus records clones of `E` here.
    #[track_caller]
    pub fn assert_any<E: Event>(&self, matches: impl FnMut(&E) -> bool) {
        let records = self.records_of_clones::<E>();
        let matching = matching(&records, matches);
        assert!(
            !matching.is_empty(),
            "expected an event of type `{}` that matches, but {}\n{}",
            EventType::of::<E>().name,
            text::match_of(0, records.len()),
            text::list(&self.records()),
        );
    }

    /// Asserts that exactly one event of type `E` was recorded for which `matches` returns `true`, and returns a clone
    /// of it.
    ///
    /// # Panics
    ///
    /// If there is none or more than one, or if no bus records clones of `E` here.
    #[track_caller]
    pub fn assert_one<E: Event + Clone>(&self, matches: impl FnMut(&E) -> bool) -> E {
        let records = self.records_of_clones::<E>();
        let matching = matching(&records, matches);
        let &[event] = &*matching else {
            panic!(
                "expected exactly 1 event of type `{}` that matches, but {}\n{}",
                EventType::of::<E>().name,
                text::match_of(matching.len(), records.len()),
                text::list(&self.records()),
            )
        };
        event.clone()
    }

    /// Asserts that exactly these events were recorded, in this order:
    /// `assert_sequence::<(OrderCreated, StockReserved)>()`.
    ///
    /// It compares all records. For a snapshot, [`names`](Recorder::names) has the same in words.
    ///
    /// # Panics
    ///
    /// If the sequence is another one, or if no bus records one of these events here.
    #[track_caller]
    pub fn assert_sequence<E: EventTypes>(&self) {
        let expected = E::__event_types();
        for &event in &expected {
            self.check(|coverage| coverage.check(event));
        }
        let records = self.records();
        let recorded: Vec<_> = records.iter().map(|record| record.event).collect();
        if recorded == expected {
            return;
        }
        let same = expected
            .iter()
            .zip(&recorded)
            .take_while(|(one, other)| one == other);
        let first_difference = same.count() + 1;
        let names: Vec<_> = expected.iter().map(|event| event.name).collect();
        panic!(
            "expected exactly this sequence, and event {first_difference} differs:\n{}\n{}",
            text::numbered(names),
            text::list(&records),
        );
    }

    /// Begins an assertion about the order of events: add [`then`](InOrder::then) for each event.
    ///
    /// Other events may be in between. The assertion is about the events that were recorded before this call.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::testing::Recorder;
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event]
    /// #[derive(Clone, Debug)]
    /// struct OrderCreated;
    ///
    /// #[event]
    /// #[derive(Clone, Debug)]
    /// struct StockReserved;
    ///
    /// #[handler(OrderCreated)]
    /// fn reserve(_: &OrderCreated) -> StockReserved {
    ///     StockReserved
    /// }
    ///
    /// let recorder = Recorder::new();
    /// let bus = Bus::isolated()
    ///     .with(reserve)
    ///     .capture::<OrderCreated>(&recorder)
    ///     .capture::<StockReserved>(&recorder)
    ///     .build()?;
    /// bus.publish(&OrderCreated)?;
    /// recorder
    ///     .assert_in_order()
    ///     .then::<OrderCreated>(|_| true)
    ///     .then::<StockReserved>(|_| true);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "it asserts nothing until `then` is called"]
    pub fn assert_in_order(&self) -> InOrder {
        InOrder::new(self.clone())
    }
}

/// Returns the events of type `E` for which `matches` returns `true`.
fn matching<E: Event>(records: &[Record], mut matches: impl FnMut(&E) -> bool) -> Vec<&E> {
    let events = records
        .iter()
        .filter_map(|record| record.values.event::<E>());
    events.filter(|event| matches(event)).collect()
}
