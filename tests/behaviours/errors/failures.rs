//! The failures that a publisher gets, and their texts.

use std::error::Error;
use std::fmt;
use std::sync::mpsc;
use std::time::Duration;

use eventful::{Bus, Failure, PublishError, event, handler};
use expect_test::expect;

use crate::trace::{Trace, failures};

#[event]
struct Shipped {
    id: u32,
}

#[derive(Debug)]
struct Outer(Inner);

#[derive(Debug, PartialEq)]
struct Inner(u32);

impl fmt::Display for Outer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("outer")
    }
}

impl fmt::Display for Inner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "inner {}", self.0)
    }
}

impl Error for Outer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

impl Error for Inner {}

#[handler(Shipped, order = 1)]
fn fails(event: &Shipped) -> Result<(), Outer> {
    Err(Outer(Inner(event.id)))
}

#[handler(Shipped, order = 2)]
fn works(event: &Shipped, trace: &Trace) {
    trace.add(format!("works {}", event.id));
}

#[handler(Shipped, order = 3)]
fn panics_with_text(_: &Shipped) {
    panic!("with text");
}

#[handler(Shipped, order = 4)]
fn panics_with_formatted_text(event: &Shipped) {
    panic!("with number {}", event.id);
}

#[handler(Shipped, order = 5)]
fn panics_with_a_value(event: &Shipped) {
    std::panic::panic_any(Inner(event.id));
}

#[handler(Shipped, order = 6)]
fn fails_with_text(_: &Shipped) -> Result<(), String> {
    Err(String::from("just text"))
}

#[handler(Shipped, order = 7)]
fn works_with_a_result(event: &Shipped, trace: &Trace) -> Result<(), Box<dyn Error + Send + Sync>> {
    trace.add(format!("works with a result {}", u8::try_from(event.id)?));
    Ok(())
}

struct PanicsOnDrop(&'static str);

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        panic!("dropping {}", self.0);
    }
}

#[handler(Shipped, order = 8)]
fn panics_in_drop(_: &Shipped) {
    let _guard = PanicsOnDrop("a local");
}

fn shipped(id: u32) -> (PublishError, String) {
    let trace = Trace::default();
    let bus = Bus::isolated()
        .provide(trace.clone())
        .with(fails)
        .with(works)
        .with(panics_with_text)
        .with(panics_with_formatted_text)
        .with(panics_with_a_value)
        .with(fails_with_text)
        .with(works_with_a_result)
        .with(panics_in_drop)
        .build()
        .unwrap();
    let error = bus.publish(&Shipped { id }).unwrap_err();
    (error, trace.take())
}

#[test]
fn the_others_run_and_each_failure_is_told_in_order() {
    let (error, trace) = shipped(7);
    assert_eq!(trace, "works 7\nworks with a result 7");
    expect![[r"
        fails, panic false: outer
        panics_with_text, panic true: with text
        panics_with_formatted_text, panic true: with number 7
        panics_with_a_value, panic true: (no text: the panic's payload is neither `&str` nor `String`)
        fails_with_text, panic false: just text
        panics_in_drop, panic true: dropping a local"]]
    .assert_eq(&failures(&error));
    assert_eq!(
        error.delivered().handled(),
        8,
        "failed handlers have handled it too"
    );
    assert!(error.refusal().is_none());
}

#[test]
fn a_panics_payload_is_handed_over_by_value() {
    let (error, _) = shipped(9);
    let payloads: Vec<_> = error
        .into_failures()
        .into_iter()
        .filter_map(Failure::into_panic)
        .collect();
    assert_eq!(payloads.len(), 4);
    assert_eq!(payloads[0].downcast_ref::<&str>(), Some(&"with text"));
    assert_eq!(payloads[2].downcast_ref::<Inner>(), Some(&Inner(9)));
}

#[test]
fn the_text_lists_the_failures_with_handler_and_line() {
    let (error, _) = shipped(1);
    let text = error.to_string();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 7, "{text}");
    assert!(
        lines[0].starts_with(
            "6 of 8 handlers of `behaviours::errors::failures::Shipped`, published at "
        ),
        "{text}"
    );
    assert!(lines[0].contains(file!()), "{text}");
    let at = format!("handler behaviours::errors::failures::fails ({}:", file!());
    assert!(
        lines[1].trim_start().starts_with(&at) && lines[1].ends_with("failed: outer"),
        "{text}"
    );
    assert!(lines[2].ends_with("panicked: with text"), "{text}");
}

#[test]
fn failures_name_the_line_that_published() {
    let bus = Bus::isolated().with(fails).build().unwrap();
    let line = line!() + 1;
    let error = bus.publish(&Shipped { id: 1 }).unwrap_err();
    assert_eq!(error.published_at().line(), line);
    assert_eq!(error.failures()[0].published_at().line(), line);
    assert_eq!(error.published_at().file(), file!());

    let error = bus.scope(|| Shipped { id: 1 }.publish()).unwrap_err();
    assert_eq!(error.published_at().line(), line!() - 1);
}

#[test]
fn errors_can_cross_threads() {
    fn is_error<T: Error + Send + Sync + 'static>() {}
    is_error::<PublishError>();
    is_error::<Failure>();
    is_error::<eventful::WiringError>();
    is_error::<eventful::InstallError>();
}

#[event(fail_fast)]
struct Asked;

#[handler(Asked, order = 1)]
fn first(_: &Asked, trace: &Trace) {
    trace.add("first");
}

#[handler(Asked, order = 2)]
fn veto(_: &Asked, trace: &Trace) -> Result<(), String> {
    trace.add("veto");
    Err(String::from("no"))
}

#[handler(Asked, order = 3)]
fn never(_: &Asked, trace: &Trace) {
    trace.add("never");
}

struct HostileError;

impl fmt::Debug for HostileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HostileError")
    }
}

impl fmt::Display for HostileError {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("in Display")
    }
}

impl Error for HostileError {}

impl Drop for HostileError {
    fn drop(&mut self) {
        panic!("in Drop");
    }
}

/// An error whose text cannot be written, or only its beginning.
#[derive(Debug)]
struct Unwritable(&'static str);

impl fmt::Display for Unwritable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)?;
        Err(fmt::Error)
    }
}

impl Error for Unwritable {}

#[test]
fn an_error_whose_display_fails_has_not_panicked() {
    let bus = Bus::isolated()
        .subscribe("nothing", |_: &Shipped| Err::<(), _>(Unwritable("")))
        .subscribe("half", |_: &Shipped| Err::<(), _>(Unwritable("no route")))
        .build()
        .unwrap();
    expect![[r"
        nothing, panic false: (no text: the error's `Display` failed)
        half, panic false: no route … (the error's `Display` failed)"]]
    .assert_eq(&failures(&bus.publish(&Shipped { id: 3 }).unwrap_err()));
}

#[test]
fn errors_and_payloads_that_panic_themselves_do_not_reach_the_publisher() {
    let bus = Bus::isolated()
        .subscribe("display", |_: &Shipped| Err::<(), _>(HostileError))
        .subscribe("payload", |_: &Shipped| -> () {
            std::panic::panic_any(PanicsOnDrop("a payload"))
        })
        .subscribe("last", |event: &Shipped| {
            Err::<(), _>(format!("still here {}", event.id))
        })
        .build()
        .unwrap();
    let error = bus.publish(&Shipped { id: 3 }).unwrap_err();
    expect![[r"
        display, panic false: (no text: the error's `Display` panicked)
        payload, panic true: (no text: the panic's payload is neither `&str` nor `String`)
        last, panic false: still here 3"]]
    .assert_eq(&failures(&error));
    drop(error);
}

#[test]
fn the_text_says_how_many_a_veto_kept_from_running() {
    let trace = Trace::default();
    let bus = Bus::isolated()
        .provide(trace)
        .with(first)
        .with(veto)
        .with(never)
        .build()
        .unwrap();
    let text = bus.publish(&Asked).unwrap_err().to_string();
    assert!(
        text.starts_with("1 of 2 handlers of `behaviours::errors::failures::Asked`, published at "),
        "{text}"
    );
    assert!(
        text.lines()
            .next()
            .unwrap_or_default()
            .ends_with(" failed, and 1 did not run"),
        "{text}"
    );
}

#[test]
fn the_first_error_of_a_type_is_found_also_in_a_nested_publish() {
    #[event]
    struct Checked;

    let bus = Bus::isolated()
        .subscribe("text", |_: &Shipped| Err::<(), _>("no paper"))
        .subscribe("outer", |_: &Shipped| Err::<(), _>(Outer(Inner(1))))
        .subscribe("first", |_: &Shipped| Err::<(), _>(Inner(2)))
        .subscribe("second", |_: &Shipped| Err::<(), _>(Inner(3)))
        .build()
        .unwrap();
    let nested = bus.clone();
    let outside = Bus::isolated()
        .subscribe("panics", |_: &Checked| -> () {
            std::panic::panic_any(Inner(4))
        })
        .subscribe("publishes", move |_: &Checked| {
            nested.publish(&Shipped { id: 1 }).map(drop)
        })
        .build()
        .unwrap();
    for error in [
        bus.publish(&Shipped { id: 1 }).unwrap_err(),
        outside.publish(&Checked).unwrap_err(),
    ] {
        assert_eq!(error.downcast_ref(), Some(&Inner(2)));
        assert!(error.downcast_ref::<Outer>().is_some());
        assert!(error.downcast_ref::<fmt::Error>().is_none());
    }
}

/// `unwrap` shows it.
#[test]
fn the_debug_of_an_error_is_as_readable_as_its_display() {
    #[event]
    #[derive(Clone, Debug)]
    struct Awaited;

    let recorder = eventful::testing::Recorder::new();
    let bus = Bus::isolated()
        .subscribe("fails", |_: &Shipped| Err::<(), _>("no paper"))
        .capture::<Awaited>(&recorder)
        .cascade_limit(0)
        .build()
        .unwrap();
    let again = bus.derive();
    let again = again.subscribe("again", |_: &Shipped| Shipped { id: 2 });
    let refused = again.build().unwrap();
    let published = refused.publish(&Shipped { id: 1 }).unwrap_err();
    let mut pending = bus.pending();
    pending.push(Shipped { id: 1 });
    let errors: [&dyn Error; 4] = [
        &bus.publish(&Shipped { id: 1 }).unwrap_err(),
        &pending.publish().unwrap_err(),
        &Bus::isolated().without_id("mail").build().unwrap_err(),
        &recorder
            .try_wait_for::<Awaited>(Duration::ZERO, |_| true)
            .unwrap_err(),
    ];
    for error in errors {
        assert_eq!(format!("{error:?}"), error.to_string());
    }
    let refusal = published.refusal().unwrap();
    assert_eq!(format!("{refusal:?}"), refusal.to_string());
    let (tasks, kept) = mpsc::channel();
    let stuck = Bus::isolated().spawner(move |task| tasks.send(task).unwrap());
    let stuck = stuck.build().unwrap();
    drop(stuck.hand_over(Shipped { id: 1 }));
    let late = stuck.drained_within(Duration::ZERO).unwrap_err();
    assert_eq!(format!("{late:?}"), late.to_string());
    drop(kept);
}
