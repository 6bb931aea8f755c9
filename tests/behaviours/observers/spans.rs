//! The spans of observers.

use eventful::observe::{HandlerEnd, Observer, ObserverSpan, PublishEnd, Stage};
use eventful::{Bus, Delivery, event};
use expect_test::expect;

use crate::trace::{Trace, short_name};

/// A span that writes down when it is entered and left.
struct Scribbled(Trace, String);

impl ObserverSpan for Scribbled {
    fn enter(&self) {
        self.0.add(format!("enter {}", self.1));
    }

    fn exit(&self) {
        self.0.add(format!("exit {}", self.1));
    }

    fn publish_finished(&self, end: &PublishEnd<'_>) {
        self.0.add(format!("{} {}", self.1, end.outcome()));
    }

    fn handler_finished(&self, end: &HandlerEnd<'_>) {
        self.0.add(format!("{} {}", self.1, end.outcome()));
    }
}

struct Spans(Trace);

impl Observer for Spans {
    fn span(&self, delivery: &Delivery, stage: Stage) -> Option<Box<dyn ObserverSpan>> {
        let name = match stage {
            Stage::Publish => short_name(delivery.event_name()),
            Stage::Handler => short_name(delivery.handler().id()),
        };
        Some(Box::new(Scribbled(self.0.clone(), name.to_owned())))
    }
}

#[tokio::test(flavor = "current_thread")]
async fn spans_are_entered_whenever_their_publish_or_handler_runs() {
    #[event(async)]
    struct Sent;

    let trace = Trace::default();
    let bus = Bus::isolated()
        .subscribe("waits", |_: &Sent| tokio::task::yield_now())
        .observe(Spans(trace.clone()))
        .build()
        .unwrap();
    bus.publish(&Sent).await.unwrap();
    expect![[r"
        enter Sent
        enter waits
        exit waits
        exit Sent
        enter Sent
        enter waits
        exit waits
        waits handled
        exit Sent
        Sent delivered"]]
    .assert_eq(&trace.take());
}

#[cfg(feature = "tracing")]
#[test]
fn tracing_spans_tell_event_handler_place_and_cause() {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use eventful::observe::TracingSpans;
    use tracing_subscriber::fmt::format::FmtSpan;

    use super::{Paid, paid};
    use crate::log_recorder::ask_all_subscribers;

    #[derive(Clone, Default)]
    struct Output(Arc<Mutex<Vec<u8>>>);

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[event]
    struct Begun;

    let output = Output::default();
    let writer = output.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .without_time()
        .finish();
    let bus = Bus::isolated()
        .with(paid)
        .subscribe("returns", |_: &Begun| {
            tracing::info!("inside");
            Paid
        })
        .observe(TracingSpans)
        .build()
        .unwrap();
    ask_all_subscribers();
    tracing::subscriber::with_default(subscriber, || bus.publish(&Begun).unwrap());
    let output = String::from_utf8(std::mem::take(&mut *output.0.lock().unwrap())).unwrap();
    let numbers = |text: &str| {
        let mut parts = text.split("elapsed_us=");
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| {
            text + "elapsed_us=N"
                + part.trim_start_matches(|character: char| character.is_ascii_digit())
        })
    };
    let lines = output.lines().map(|line| {
        let line = line
            .trim_start()
            .split(" time.busy=")
            .next()
            .unwrap_or(line);
        numbers(line)
    });
    expect![[r#"
        INFO publish{event="behaviours::observers::spans::Begun" published_at=tests/behaviours/observers/spans.rs:114:58}:handler{event="behaviours::observers::spans::Begun" handler="returns" handler_at=tests/behaviours/observers/spans.rs:106:10}: behaviours::observers::spans: inside
        INFO publish{event="behaviours::observers::spans::Begun" published_at=tests/behaviours/observers/spans.rs:114:58}:handler{event="behaviours::observers::spans::Begun" handler="returns" handler_at=tests/behaviours/observers/spans.rs:106:10 outcome="handled" elapsed_us=N}: eventful: close
        INFO publish{event="behaviours::observers::spans::Begun" published_at=tests/behaviours/observers/spans.rs:114:58 outcome="delivered" elapsed_us=N}: eventful: close
        INFO publish{event="behaviours::observers::Paid" published_at=tests/behaviours/observers/spans.rs:114:58 caused_by="returns (tests/behaviours/observers/spans.rs:106:10) on `behaviours::observers::spans::Begun`, published at tests/behaviours/observers/spans.rs:114:58"}:handler{event="behaviours::observers::Paid" handler="behaviours::observers::paid" handler_at=tests/behaviours/observers.rs:111:4 outcome="handled" elapsed_us=N}: eventful: close
        INFO publish{event="behaviours::observers::Paid" published_at=tests/behaviours/observers/spans.rs:114:58 caused_by="returns (tests/behaviours/observers/spans.rs:106:10) on `behaviours::observers::spans::Begun`, published at tests/behaviours/observers/spans.rs:114:58" outcome="delivered" elapsed_us=N}: eventful: close"#]].assert_eq(&lines.collect::<Vec<_>>().join("\n"));
}
