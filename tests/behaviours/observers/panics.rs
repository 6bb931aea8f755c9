//! Observers that panic.

use eventful::observe::{HandlerEnd, Observer, ObserverSpan, PublishEnd, Stage};
use eventful::{Bus, Delivery};
#[cfg(feature = "tracing")]
use expect_test::expect;

use super::{Paid, Scribe, paid};
use crate::Trace;

/// Panics wherever it can.
struct Clumsy;

impl Observer for Clumsy {
    fn publish_started(&self, _: &Delivery) {
        panic!("publish_started");
    }

    fn publish_finished(&self, _: &Delivery, _: &PublishEnd<'_>) {
        panic!("publish_finished");
    }

    fn handler_started(&self, _: &Delivery) {
        panic!("handler_started");
    }

    fn handler_finished(&self, _: &Delivery, _: &HandlerEnd<'_>) {
        panic!("handler_finished");
    }

    fn span(&self, _: &Delivery, _: Stage) -> Option<Box<dyn ObserverSpan>> {
        Some(Box::new(ClumsySpan))
    }
}

struct ClumsySpan;

impl ObserverSpan for ClumsySpan {
    fn enter(&self) {
        panic!("enter");
    }

    fn exit(&self) {
        panic!("exit");
    }
}

impl Drop for ClumsySpan {
    fn drop(&mut self) {
        panic!("drop");
    }
}

#[test]
fn an_observer_that_panics_harms_neither_handlers_nor_other_observers() {
    let trace = Trace::default();
    let bus = Bus::isolated()
        .with(paid)
        .observe(Clumsy)
        .observe(Scribe(trace.clone()))
        .build()
        .unwrap();
    #[cfg(not(feature = "tracing"))]
    assert_eq!(bus.publish(&Paid).unwrap().handled(), 1);
    #[cfg(feature = "tracing")]
    {
        let log = crate::log_recorder::LogRecorder::record_with_positions(|| {
            assert_eq!(bus.publish(&Paid).unwrap().handled(), 1);
        });
        let line = std::panic::Location::caller().line();
        let _ = line;
        let messages = log.iter().map(|entry| {
            let at = entry.find("published_at").unwrap_or(entry.len());
            let error = entry.find("error=").unwrap_or(entry.len());
            format!("{}{}", &entry[..at], &entry[error..])
        });
        expect![[r#"
            ERROR observer panicked: observer="behaviours::observers::panics::Clumsy" event="behaviours::observers::Paid" error="publish_started"
            ERROR observer panicked: observer="behaviours::observers::panics::Clumsy" event="behaviours::observers::Paid" error="enter"
            ERROR observer panicked: observer="behaviours::observers::panics::Clumsy" event="behaviours::observers::Paid" handler="behaviours::observers::paid" error="handler_started"
            ERROR observer panicked: observer="behaviours::observers::panics::Clumsy" event="behaviours::observers::Paid" handler="behaviours::observers::paid" error="enter"
            ERROR observer panicked: observer="behaviours::observers::panics::Clumsy" event="behaviours::observers::Paid" handler="behaviours::observers::paid" error="exit"
            ERROR observer panicked: observer="behaviours::observers::panics::Clumsy" event="behaviours::observers::Paid" handler="behaviours::observers::paid" error="handler_finished"
            ERROR observer panicked: observer="behaviours::observers::panics::Clumsy" event="behaviours::observers::Paid" handler="behaviours::observers::paid" error="drop"
            ERROR observer panicked: observer="behaviours::observers::panics::Clumsy" event="behaviours::observers::Paid" error="exit"
            ERROR observer panicked: observer="behaviours::observers::panics::Clumsy" event="behaviours::observers::Paid" error="publish_finished"
            ERROR observer panicked: observer="behaviours::observers::panics::Clumsy" event="behaviours::observers::Paid" error="drop""#]].assert_eq(&messages.collect::<Vec<_>>().join("\n"));
    }
    assert_eq!(
        trace.take(),
        "publish Paid\n  begin Paid in paid\n  handled Paid in paid\ndelivered Paid: 1 handled, 0 skipped"
    );
}
