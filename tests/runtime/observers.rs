//! What observers are told, in which order, and that they harm nobody.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use eventful::observe::{
    HandlerEnd, HandlerOutcome, Observer, ObserverSpan, PublishEnd, PublishOutcome, Stage,
};
use eventful::{Bus, Delivery, event, family, handler};
use expect_test::expect;

use crate::Trace;
use crate::polling::block_on;

/// Writes down all that it is told.
struct Scribe(Arc<Trace>);

impl Scribe {
    fn add(&self, what: &str, delivery: &Delivery, rest: impl std::fmt::Display) {
        let event = delivery.event_name();
        let event = event.rsplit("::").next().unwrap_or(event);
        let cause = delivery.cause().map_or_else(String::new, |cause| {
            format!(" because of {}", short(cause.handler().id()))
        });
        self.0.add(format!("{what} {event}{rest}{cause}"));
    }
}

fn short(id: &'static str) -> &'static str {
    id.rsplit("::").next().unwrap_or(id)
}

impl Observer for Scribe {
    fn publish_started(&self, delivery: &Delivery) {
        self.add("publish", delivery, "");
    }

    fn publish_finished(&self, delivery: &Delivery, end: &PublishEnd<'_>) {
        let rest = match end.outcome() {
            PublishOutcome::Delivered(delivered) => {
                format!(
                    ": {} handled, {} skipped",
                    delivered.handled(),
                    delivered.skipped()
                )
            }
            PublishOutcome::Failed(error) => format!(": {} failed", error.failures().len()),
            outcome => format!(": {outcome}"),
        };
        self.add(&end.outcome().to_string(), delivery, rest);
    }

    fn handler_started(&self, delivery: &Delivery) {
        self.add(
            "  begin",
            delivery,
            format_args!(" in {}", short(delivery.handler().id())),
        );
    }

    fn handler_finished(&self, delivery: &Delivery, end: &HandlerEnd<'_>) {
        let rest = match end.outcome() {
            HandlerOutcome::Failed(failure) => format!(
                " in {}: {}",
                short(failure.handler().id()),
                failure.message()
            ),
            _ => format!(" in {}", short(delivery.handler().id())),
        };
        self.add(&format!("  {}", end.outcome()), delivery, rest);
    }
}

#[event]
struct Ordered(u64);

#[event]
struct Paid;

#[event]
struct Nested;

#[handler(Ordered, order = 1)]
fn publishes(_: &Ordered, bus: &Bus) {
    bus.publish(&Nested).unwrap();
}

#[handler(Ordered, order = 2)]
fn fails(event: &Ordered) -> Result<(), String> {
    if event.0 == 0 {
        Err("nothing".to_owned())
    } else {
        Ok(())
    }
}

#[handler(Ordered, order = 3, when = |event| event.0 > 100)]
fn guarded(_: &Ordered) {}

#[handler(Ordered, order = 4)]
fn panics(event: &Ordered) -> Paid {
    assert!(event.0 < 100, "too many");
    Paid
}

#[handler(Nested)]
fn nested(_: &Nested) {}

#[handler(Paid)]
fn paid(_: &Paid) {}

fn observed(observer: impl Observer) -> Bus {
    Bus::isolated()
        .with(publishes)
        .with(fails)
        .with(guarded)
        .with(panics)
        .with(nested)
        .with(paid)
        .observe(observer)
        .build()
        .unwrap()
}

#[test]
fn every_publish_and_handler_is_told_from_start_to_end_in_execution_order() {
    let trace = Arc::new(Trace::default());
    let bus = observed(Scribe(Arc::clone(&trace)));
    let delivered = bus.publish(&Ordered(7)).unwrap();
    assert_eq!(
        (
            delivered.handled(),
            delivered.skipped(),
            delivered.cascaded()
        ),
        (3, 1, 1)
    );
    expect![[r"
        publish Ordered
          begin Ordered in publishes
        publish Nested because of publishes
          begin Nested in nested because of publishes
          handled Nested in nested because of publishes
        delivered Nested: 1 handled, 0 skipped because of publishes
          handled Ordered in publishes
          begin Ordered in fails
          handled Ordered in fails
          begin Ordered in guarded
          skipped Ordered in guarded
          begin Ordered in panics
          handled Ordered in panics
        delivered Ordered: 3 handled, 1 skipped
        publish Paid because of panics
          begin Paid in paid because of panics
          handled Paid in paid because of panics
        delivered Paid: 1 handled, 0 skipped because of panics"]]
    .assert_eq(&trace.take());
    let error = bus.publish(&Ordered(0)).unwrap_err();
    assert_eq!(error.failures().len(), 1);
    bus.publish(&Ordered(100)).unwrap_err();
    expect![[r"
        publish Ordered
          begin Ordered in publishes
        publish Nested because of publishes
          begin Nested in nested because of publishes
          handled Nested in nested because of publishes
        delivered Nested: 1 handled, 0 skipped because of publishes
          handled Ordered in publishes
          begin Ordered in fails
          failed Ordered in fails: nothing
          begin Ordered in guarded
          skipped Ordered in guarded
          begin Ordered in panics
          handled Ordered in panics
        failed Ordered: 1 failed
        publish Paid because of panics
          begin Paid in paid because of panics
          handled Paid in paid because of panics
        delivered Paid: 1 handled, 0 skipped because of panics
        publish Ordered
          begin Ordered in publishes
        publish Nested because of publishes
          begin Nested in nested because of publishes
          handled Nested in nested because of publishes
        delivered Nested: 1 handled, 0 skipped because of publishes
          handled Ordered in publishes
          begin Ordered in fails
          handled Ordered in fails
          begin Ordered in guarded
          skipped Ordered in guarded
          begin Ordered in panics
          panicked Ordered in panics: too many
        failed Ordered: 1 failed"]]
    .assert_eq(&trace.take());
}

#[test]
fn a_refused_publish_is_told_too() {
    let trace = Arc::new(Trace::default());
    let bus = Bus::isolated()
        .subscribe("again", |_: &Nested| Nested.publish().map(|_| ()))
        .nesting_limit(2)
        .observe(Scribe(Arc::clone(&trace)))
        .build()
        .unwrap();
    bus.publish(&Nested).unwrap_err();
    expect![[r"
        publish Nested
          begin Nested in again
        publish Nested because of again
          begin Nested in again because of again
        publish Nested because of again
        refused Nested: 0 failed because of again
          failed Nested in again: `runtime::observers::Nested`, published at tests/runtime/observers.rs:204:49, was not delivered: handlers that publish are nested 2 deep, which is the limit of this bus because of again
        failed Nested: 1 failed because of again
          failed Nested in again: 1 of 1 handlers of `runtime::observers::Nested`, published at tests/runtime/observers.rs:204:49, failed; innermost: `runtime::observers::Nested`, published at tests/runtime/observers.rs:204:49, was not delivered: handlers that publish are nested 2 deep, which is the limit of this bus
        failed Nested: 1 failed"]].assert_eq(&trace.take());
}

#[test]
fn a_refused_publish_of_another_kind_is_told_too() {
    #[event(async)]
    struct Waited;

    #[family]
    trait Holds {}

    #[event(as(dyn Holds))]
    struct Held<T>(T);

    impl<T: Send + Sync + 'static> Holds for Held<T> {}

    let trace = Arc::new(Trace::default());
    let bus = Bus::isolated()
        .subscribe("waits", |_: &Waited| async {})
        .subscribe("same", |_: &dyn Holds| ())
        .subscribe("same", |_: &dyn Holds| ())
        .nesting_limit(0)
        .observe(Scribe(Arc::clone(&trace)))
        .build()
        .unwrap();
    block_on(bus.publish(&Waited)).unwrap_err();
    bus.publish(&Held(1_u8)).unwrap_err();
    expect![[r"
        publish Waited
        refused Waited: 0 failed
        publish Held<u8>
        refused Held<u8>: 0 failed"]]
    .assert_eq(&trace.take());
}

#[test]
fn an_observer_that_publishes_whenever_a_publish_fails_comes_to_an_end() {
    struct Alerts;

    impl Observer for Alerts {
        fn publish_finished(&self, _: &Delivery, end: &PublishEnd<'_>) {
            if matches!(end.outcome(), PublishOutcome::Failed(_)) {
                Nested.publish().ok();
            }
        }
    }

    let trace = Arc::new(Trace::default());
    let bus = Bus::isolated()
        .subscribe("fails", |_: &Nested| Err::<(), _>("no"))
        .nesting_limit(1)
        .observe(Scribe(Arc::clone(&trace)))
        .observe(Alerts)
        .build()
        .unwrap();
    bus.publish(&Nested).unwrap_err();
    expect![[r"
        publish Nested
          begin Nested in fails
          failed Nested in fails: no
        failed Nested: 1 failed
        publish Nested
        refused Nested: 0 failed"]]
    .assert_eq(&trace.take());
}

mod asynchronous {
    use super::*;

    #[event(async)]
    struct Sent(bool);

    #[event(async, concurrent)]
    struct SentTogether;

    #[handler(Sent, order = 1)]
    async fn waits(event: &Sent) -> Option<Paid> {
        if event.0 {
            pending::<()>().await;
        }
        tokio::task::yield_now().await;
        Some(Paid)
    }

    #[handler(Sent, order = 2, when = |event| event.0)]
    async fn skipped(_: &Sent) {}

    #[handler(SentTogether)]
    async fn first(_: &SentTogether) -> Result<(), String> {
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
        Err("first".to_owned())
    }

    #[handler(SentTogether)]
    async fn second(_: &SentTogether) {
        tokio::task::yield_now().await;
    }

    fn bus(trace: &Arc<Trace>) -> Bus {
        Bus::isolated()
            .with(waits)
            .with(skipped)
            .with(first)
            .with(second)
            .with(paid)
            .observe(Scribe(Arc::clone(trace)))
            .spawner(|task| drop(tokio::spawn(task)))
            .build()
            .unwrap()
    }

    #[tokio::test(flavor = "current_thread")]
    async fn asynchronous_and_detached_publishes_are_told_as_well() {
        let trace = Arc::new(Trace::default());
        let bus = bus(&trace);
        bus.publish(&Sent(false)).await.unwrap();
        let awaited = trace.take();
        expect![[r"
            publish Sent
              begin Sent in waits
              handled Sent in waits
              begin Sent in skipped
              skipped Sent in skipped
            delivered Sent: 1 handled, 1 skipped
            publish Paid because of waits
              begin Paid in paid because of waits
              handled Paid in paid because of waits
            delivered Paid: 1 handled, 0 skipped because of waits"]]
        .assert_eq(&awaited);
        bus.publish_detached(Sent(false)).await.unwrap();
        bus.drained().await;
        assert_eq!(trace.take(), awaited);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn handlers_that_run_together_start_and_end_in_between_each_other() {
        let trace = Arc::new(Trace::default());
        bus(&trace).publish(&SentTogether).await.unwrap_err();
        expect![[r"
            publish SentTogether
              begin SentTogether in first
              begin SentTogether in second
              handled SentTogether in second
              failed SentTogether in first: first
            failed SentTogether: 1 failed"]]
        .assert_eq(&trace.take());
    }

    #[test]
    fn a_publish_that_is_dropped_is_cancelled() {
        let trace = Arc::new(Trace::default());
        let bus = bus(&trace);
        let event = Sent(true);
        let mut publishing = bus.publish(&event);
        let mut context = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut publishing).poll(&mut context).is_pending());
        drop(publishing);
        expect![[r"
            publish Sent
              begin Sent in waits
              cancelled Sent in waits
            cancelled Sent: cancelled"]]
        .assert_eq(&trace.take());
    }
}

/// A span that writes down when it is entered and left.
struct Scribbled(Arc<Trace>, String);

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

struct Spans(Arc<Trace>);

impl Observer for Spans {
    fn span(&self, delivery: &Delivery, stage: Stage) -> Option<Box<dyn ObserverSpan>> {
        let name = match stage {
            Stage::Publish => short(delivery.event_name()),
            Stage::Handler => short(delivery.handler().id()),
        };
        Some(Box::new(Scribbled(Arc::clone(&self.0), name.to_owned())))
    }
}

#[tokio::test(flavor = "current_thread")]
async fn spans_are_entered_whenever_their_publish_or_handler_runs() {
    #[event(async)]
    struct Sent;

    let trace = Arc::new(Trace::default());
    let bus = Bus::isolated()
        .subscribe("waits", |_: &Sent| tokio::task::yield_now())
        .observe(Spans(Arc::clone(&trace)))
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
    let trace = Arc::new(Trace::default());
    let bus = Bus::isolated()
        .with(paid)
        .observe(Clumsy)
        .observe(Scribe(Arc::clone(&trace)))
        .build()
        .unwrap();
    #[cfg(not(feature = "tracing"))]
    assert_eq!(bus.publish(&Paid).unwrap().handled(), 1);
    #[cfg(feature = "tracing")]
    {
        let log = crate::log::Recorder::record(|| {
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
            ERROR message=observer panicked observer="runtime::observers::Clumsy" event="runtime::observers::Paid" error="publish_started"
            ERROR message=observer panicked observer="a span of an observer" event="runtime::observers::Paid" error="enter"
            ERROR message=observer panicked observer="runtime::observers::Clumsy" event="runtime::observers::Paid" handler="runtime::observers::paid" error="handler_started"
            ERROR message=observer panicked observer="a span of an observer" event="runtime::observers::Paid" handler="runtime::observers::paid" error="enter"
            ERROR message=observer panicked observer="a span of an observer" event="runtime::observers::Paid" handler="runtime::observers::paid" error="exit"
            ERROR message=observer panicked observer="runtime::observers::Clumsy" event="runtime::observers::Paid" handler="runtime::observers::paid" error="handler_finished"
            ERROR message=observer panicked observer="a span of an observer" event="runtime::observers::Paid" handler="runtime::observers::paid" error="drop"
            ERROR message=observer panicked observer="a span of an observer" event="runtime::observers::Paid" error="exit"
            ERROR message=observer panicked observer="runtime::observers::Clumsy" event="runtime::observers::Paid" error="publish_finished"
            ERROR message=observer panicked observer="a span of an observer" event="runtime::observers::Paid" error="drop""#]].assert_eq(&messages.collect::<Vec<_>>().join("\n"));
    }
    assert_eq!(
        trace.take(),
        "publish Paid\n  begin Paid in paid\n  handled Paid in paid\ndelivered Paid: 1 handled, 0 skipped"
    );
}

#[test]
fn elapsed_is_the_time_between_start_and_end() {
    struct Slow(Arc<Trace>);

    impl Observer for Slow {
        fn publish_finished(&self, _: &Delivery, end: &PublishEnd<'_>) {
            self.0.add(format!("publish {}", end.elapsed() >= PAUSE));
        }

        fn handler_finished(&self, _: &Delivery, end: &HandlerEnd<'_>) {
            self.0.add(format!("handler {}", end.elapsed() >= PAUSE));
        }
    }

    const PAUSE: Duration = Duration::from_millis(5);
    let trace = Arc::new(Trace::default());
    let bus = Bus::isolated()
        .subscribe("slow", |_: &Paid| std::thread::sleep(PAUSE))
        .observe(Slow(Arc::clone(&trace)))
        .build()
        .unwrap();
    bus.publish(&Paid).unwrap();
    assert_eq!(trace.take(), "handler true\npublish true");
}

#[test]
fn a_derived_bus_has_the_same_observers() {
    let trace = Arc::new(Trace::default());
    let bus = Bus::isolated()
        .observe(Scribe(Arc::clone(&trace)))
        .build()
        .unwrap();
    let derived = bus.derive().with(paid).build().unwrap();
    derived.publish(&Paid).unwrap();
    assert_eq!(trace.take().lines().count(), 4);
}

#[cfg(feature = "tracing")]
#[test]
fn tracing_spans_tell_event_handler_place_and_cause() {
    use std::io::Write;
    use std::sync::Mutex;

    use eventful::observe::TracingSpans;
    use tracing_subscriber::fmt::format::FmtSpan;

    use crate::polling::ask_all_subscribers;

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
        INFO publish{event="runtime::observers::Begun" published_at=tests/runtime/observers.rs:612:58}:handler{event="runtime::observers::Begun" handler="returns" handler_at=tests/runtime/observers.rs:604:10}: runtime::observers: inside
        INFO publish{event="runtime::observers::Begun" published_at=tests/runtime/observers.rs:612:58}:handler{event="runtime::observers::Begun" handler="returns" handler_at=tests/runtime/observers.rs:604:10 outcome="handled" elapsed_us=N}: eventful: close
        INFO publish{event="runtime::observers::Begun" published_at=tests/runtime/observers.rs:612:58 outcome="delivered" elapsed_us=N}: eventful: close
        INFO publish{event="runtime::observers::Paid" published_at=tests/runtime/observers.rs:612:58 caused_by="returns (tests/runtime/observers.rs:604:10) on `runtime::observers::Begun`, published at tests/runtime/observers.rs:612:58"}:handler{event="runtime::observers::Paid" handler="runtime::observers::paid" handler_at=tests/runtime/observers.rs:113:4 outcome="handled" elapsed_us=N}: eventful: close
        INFO publish{event="runtime::observers::Paid" published_at=tests/runtime/observers.rs:612:58 caused_by="returns (tests/runtime/observers.rs:604:10) on `runtime::observers::Begun`, published at tests/runtime/observers.rs:612:58" outcome="delivered" elapsed_us=N}: eventful: close"#]].assert_eq(&lines.collect::<Vec<_>>().join("\n"));
}

#[cfg(feature = "metrics")]
mod metrics_feature {
    use std::sync::Mutex;

    use eventful::observe::Metrics;
    use metrics::{
        Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
        SharedString, Unit,
    };

    use super::*;

    /// Writes down what is described, counted and recorded.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<String>>>);

    struct Line(Lines, String);

    impl Lines {
        fn add(&self, line: String) {
            self.0.lock().unwrap().push(line);
        }

        fn name(key: &Key) -> String {
            let labels = key
                .labels()
                .map(|label| format!("{}={}", label.key(), label.value()));
            format!("{} {}", key.name(), labels.collect::<Vec<_>>().join(" "))
        }
    }

    impl CounterFn for Line {
        fn increment(&self, value: u64) {
            self.0.add(format!("{} +{value}", self.1));
        }

        fn absolute(&self, _: u64) {}
    }

    impl HistogramFn for Line {
        fn record(&self, value: f64) {
            self.0.add(format!("{} {}", self.1, value >= 0.0));
        }
    }

    impl Recorder for Lines {
        fn describe_counter(&self, key: KeyName, _: Option<Unit>, text: SharedString) {
            self.add(format!("{}: {text}", key.as_str()));
        }

        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

        fn describe_histogram(&self, key: KeyName, unit: Option<Unit>, text: SharedString) {
            self.add(format!("{}: {text} {unit:?}", key.as_str()));
        }

        fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
            Counter::from_arc(Arc::new(Line(self.clone(), Self::name(key))))
        }

        fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
            Gauge::noop()
        }

        fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
            Histogram::from_arc(Arc::new(Line(self.clone(), Self::name(key))))
        }
    }

    #[test]
    fn metrics_count_and_time_by_event_handler_and_outcome() {
        let lines = Lines::default();
        metrics::with_local_recorder(&lines, || {
            observed(Metrics::new()).publish(&Ordered(0)).unwrap_err();
        });
        let lines = lines
            .0
            .lock()
            .unwrap()
            .join("\n")
            .replace("runtime::observers::", "");
        expect![[r"
            eventful_publishes_total: Events delivered, by outcome.
            eventful_publish_duration_seconds: Time in all handlers of an event. Some(Seconds)
            eventful_handlers_total: Handlers run or skipped, by outcome.
            eventful_handler_duration_seconds: Time in one handler. Some(Seconds)
            eventful_handlers_total event=Nested handler=nested outcome=handled +1
            eventful_handler_duration_seconds event=Nested handler=nested true
            eventful_publishes_total event=Nested outcome=delivered +1
            eventful_publish_duration_seconds event=Nested true
            eventful_handlers_total event=Ordered handler=publishes outcome=handled +1
            eventful_handler_duration_seconds event=Ordered handler=publishes true
            eventful_handlers_total event=Ordered handler=fails outcome=failed +1
            eventful_handler_duration_seconds event=Ordered handler=fails true
            eventful_handlers_total event=Ordered handler=guarded outcome=skipped +1
            eventful_handlers_total event=Ordered handler=panics outcome=handled +1
            eventful_handler_duration_seconds event=Ordered handler=panics true
            eventful_publishes_total event=Ordered outcome=failed +1
            eventful_publish_duration_seconds event=Ordered true
            eventful_handlers_total event=Paid handler=paid outcome=handled +1
            eventful_handler_duration_seconds event=Paid handler=paid true
            eventful_publishes_total event=Paid outcome=delivered +1
            eventful_publish_duration_seconds event=Paid true"]]
        .assert_eq(&lines);
    }
}
