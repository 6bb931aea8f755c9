//! An assertion about the order of events.

use super::Recorder;
use super::event_types::EventType;
use super::record::Record;
use super::text;
use crate::event::Event;

/// An assertion about the order of events, which [`Recorder::assert_in_order`] begins.
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
#[derive(Debug)]
pub struct InOrder {
    recorder: Recorder,
    records: Vec<Record>,
    /// The number of records up to the last step.
    passed: usize,
    steps: usize,
}

impl InOrder {
    pub(super) fn new(recorder: Recorder) -> Self {
        Self {
            records: recorder.records(),
            recorder,
            passed: 0,
            steps: 0,
        }
    }

    /// Asserts that an event of type `E` for which `matches` returns `true` was recorded after the event of the step
    /// before. The next step begins after the first such event.
    ///
    /// # Panics
    ///
    /// If there is none, or if no bus records clones of `E` here.
    #[expect(
        clippy::return_self_not_must_use,
        reason = "the last step of a chain is dropped"
    )]
    #[track_caller]
    pub fn then<E: Event>(mut self, mut matches: impl FnMut(&E) -> bool) -> Self {
        let event = EventType::of::<E>();
        self.recorder.check(|coverage| coverage.check_clones(event));
        self.steps += 1;
        let mut fits = |record: &Record| record.values.event().is_some_and(&mut matches);
        let (passed, ahead) = self.records.split_at(self.passed);
        if let Some(found) = ahead.iter().position(&mut fits) {
            self.passed += found + 1;
            return self;
        }
        let after = match self.passed {
            0 => String::new(),
            passed => format!(" after event {passed}"),
        };
        let earlier = match passed.iter().rposition(fits) {
            Some(earlier) => format!("; event {} matches, but comes too early", earlier + 1),
            None => String::new(),
        };
        panic!(
            "expected, as step {step}, an event of type `{event}` that matches{after}, but none was recorded{earlier}\n{list}",
            step = self.steps,
            event = event.name,
            list = text::list(&self.records),
        );
    }
}
