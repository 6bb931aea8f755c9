//! The span in which the handlers run of what was handed over.

use std::sync::{Arc, Mutex};

use eventful::{Bus, event, handler};
use expect_test::expect;
use tracing::Id;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use super::Kept;
use crate::Trace;
use crate::executor::{block_on, poll_once, yield_now};

/// The spans that are entered, from the outside in, whichever thread does it.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<&'static str>>>);

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).expect("it is there");
        self.0.lock().unwrap().push(span.name());
    }

    fn on_exit(&self, _: &Id, _: Context<'_, S>) {
        self.0.lock().unwrap().pop();
    }
}

#[event(async)]
struct Observed;

struct SeesSpan(Spans, Trace);

impl SeesSpan {
    fn look(&self, when: &str) {
        let entered = self.0.0.lock().unwrap().join(", ");
        self.1.add(format!("{when} in [{entered}]"));
    }
}

impl Drop for SeesSpan {
    fn drop(&mut self) {
        self.look("dropped");
    }
}

#[handler(Observed)]
async fn look(_: &Observed, spans: &Spans, trace: &Trace) {
    let sees = SeesSpan(spans.clone(), trace.clone());
    sees.look("begins");
    yield_now().await;
    sees.look("ends");
}

#[test]
fn r70_handlers_run_in_the_span_of_who_handed_over() {
    crate::log_recorder::ask_all_subscribers();
    let (trace, kept, spans) = (Trace::default(), Kept::default(), Spans::default());
    let bus = Bus::isolated()
        .with(look)
        .provide(trace.clone())
        .provide(spans.clone())
        .spawner(kept.spawner())
        .build()
        .unwrap();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(spans), || {
        let hand_over = || bus.hand_over(Observed).unwrap();
        tracing::info_span!("request").in_scope(hand_over);
        tracing::info_span!("another").in_scope(hand_over);
        hand_over();
    });
    // Elsewhere, where no span is current.
    block_on(kept.take());
    let mut dropped = kept.take();
    assert!(poll_once(&mut dropped).is_pending());
    drop(dropped);
    block_on(kept.take());
    expect![[r"
        begins in [request]
        ends in [request]
        dropped in [request]
        begins in [another]
        dropped in [another]
        begins in []
        ends in []
        dropped in []"]]
    .assert_eq(&trace.take());
}

#[test]
fn a_subscriber_that_panics_keeps_nothing_from_running() {
    struct Panics;

    impl<S: tracing::Subscriber> Layer<S> for Panics {
        fn on_enter(&self, _: &Id, _: Context<'_, S>) {
            panic!("when a span is entered");
        }
    }

    crate::log_recorder::ask_all_subscribers();
    let (trace, kept) = (Trace::default(), Kept::default());
    let bus = super::builder(&trace)
        .spawner(kept.spawner())
        .build()
        .unwrap();
    tracing::subscriber::with_default(tracing_subscriber::registry().with(Panics), || {
        let span = tracing::info_span!("request");
        // As the subscriber of the program would make it the current one.
        let entered = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| span.enter()));
        assert!(entered.is_err());
        bus.hand_over(super::Shipped(1)).unwrap();
    });
    kept.run_one();
    assert_eq!(trace.take(), "begins 1\nends 1");
}
