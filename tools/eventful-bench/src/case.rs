//! One workload on one peer.

use crate::work::{Payload, Tally, repeat};

/// A workload on a peer, ready to run.
pub struct Case {
    pub workload: &'static str,
    pub peer: &'static str,
    /// The number of handler calls a publish.
    handlers: u64,
    tally: &'static Tally,
    run: Run,
}

/// Publishes as often as it is told.
type Run = Box<dyn FnMut(u64, &'static Tally)>;

impl Case {
    /// `event` makes an event of a payload, which `publish` publishes to as many `handlers`.
    pub fn new<E: 'static>(
        workload: &'static str,
        peer: &'static str,
        handlers: usize,
        event: impl Fn(Payload) -> E + 'static,
        mut publish: impl FnMut(&E) + 'static,
    ) -> Self {
        Self::running(workload, peer, handlers, move |publishes, tally| {
            repeat(publishes, tally, &event, &mut publish);
        })
    }

    /// A case with something around its loop.
    pub fn running(
        workload: &'static str,
        peer: &'static str,
        handlers: usize,
        run: impl FnMut(u64, &'static Tally) + 'static,
    ) -> Self {
        Self {
            workload,
            peer,
            handlers: handlers as u64,
            tally: Box::leak(Box::default()),
            run: Box::new(run),
        }
    }

    /// Handlers count in `tally`, and not in that of the payload.
    #[must_use]
    pub fn counting_in(self, tally: &'static Tally) -> Self {
        Self { tally, ..self }
    }

    /// Publishes `publishes` events.
    ///
    /// # Panics
    ///
    /// If not every handler has run for every one of them.
    pub fn run(&mut self, publishes: u64) {
        let before = self.tally.calls();
        (self.run)(publishes, self.tally);
        assert_eq!(
            self.tally.calls() - before,
            publishes * self.handlers,
            "{} of {}: calls of handlers",
            self.workload,
            self.peer
        );
    }

    /// The sum of the handlers after so many publishes. It is the same on every peer.
    pub fn sum_of(&mut self, publishes: u64) -> u64 {
        let before = self.tally.sum();
        self.run(publishes);
        self.tally.sum().wrapping_sub(before)
    }
}
