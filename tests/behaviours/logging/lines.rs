//! The lines of the log, with all their fields.

use eventful::{Bus, PublishError, event, handler};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::log_recorder::{LogRecorder, ask_all_subscribers};

#[event]
struct Noted;

#[event]
struct Repeated;

#[handler(Noted, order = 1)]
fn fails(_: &Noted) -> Result<(), String> {
    Err(String::from("it failed"))
}

#[handler(Noted, order = 2)]
fn works(_: &Noted) {}

#[handler(Noted, order = 3)]
fn panics(_: &Noted) {
    panic!("it panicked");
}

#[handler(Repeated)]
fn repeat(_: &Repeated) {
    let _: Result<_, PublishError> = Repeated.publish();
}

#[test]
fn each_failure_is_logged_once_with_its_handler() {
    let bus = Bus::isolated()
        .with(fails)
        .with(works)
        .with(panics)
        .build()
        .unwrap();
    let lines = LogRecorder::record_with_positions(|| drop(bus.publish(&Noted)));
    assert_eq!(lines.len(), 2, "{lines:#?}");
    for (line, handler, error, message) in [
        (
            &lines[0],
            "behaviours::logging::lines::fails",
            "it failed",
            "handler failed",
        ),
        (
            &lines[1],
            "behaviours::logging::lines::panics",
            "it panicked",
            "handler panicked",
        ),
    ] {
        assert!(line.starts_with("ERROR "), "{line}");
        for expected in [
            format!("ERROR {message}:"),
            String::from("event=\"behaviours::logging::lines::Noted\""),
            format!("handler=\"{handler}\""),
            format!("handler_at={}:", file!()),
            format!("published_at={}:", file!()),
            format!("error=\"{error}\""),
        ] {
            assert!(line.contains(&expected), "{expected:?} is not in {line}");
        }
    }
}

#[test]
fn a_refused_publish_is_logged_once() {
    let bus = Bus::isolated().with(repeat).build().unwrap();
    let lines = LogRecorder::record_with_positions(|| drop(bus.publish(&Repeated)));
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].contains("ERROR publish refused:"), "{lines:#?}");
    assert!(lines[0].contains("nested 128 deep"), "{lines:#?}");
}

#[test]
fn a_subscriber_that_panics_stops_nobody() {
    struct Broken;

    impl Subscriber for Broken {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.target() == "eventful"
        }

        fn event(&self, _: &Event<'_>) {
            panic!("the subscriber is broken");
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    let bus = Bus::isolated()
        .with(fails)
        .with(works)
        .with(panics)
        .build()
        .unwrap();
    ask_all_subscribers();
    let error = tracing::subscriber::with_default(Broken, || bus.publish(&Noted)).unwrap_err();
    assert_eq!(
        (error.delivered().handled(), error.failures().len()),
        (3, 2)
    );
}

#[test]
fn a_publish_that_succeeds_logs_nothing() {
    let bus = Bus::isolated().with(works).build().unwrap();
    assert_eq!(
        LogRecorder::record_with_positions(|| drop(bus.publish(&Noted))),
        Vec::<String>::new()
    );
}
