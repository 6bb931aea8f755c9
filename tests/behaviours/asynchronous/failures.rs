//! Asynchronous handlers that fail.

use eventful::{Bus, event, handler};
use expect_test::expect;

use crate::executor::{block_on, yield_now};
use crate::trace::{Trace, failures};

#[event(async)]
struct Tried;

#[handler(Tried, order = 1)]
async fn panics_before_it_waits(_: &Tried) {
    panic!("before");
}

#[handler(Tried, order = 2)]
async fn panics_after_it_waited(_: &Tried) {
    yield_now().await;
    panic!("after");
}

#[handler(Tried, order = 3)]
fn panics_at_once(_: &Tried) {
    panic!("at once");
}

#[handler(Tried, order = 4)]
async fn fails_after_it_waited(_: &Tried) -> Result<(), String> {
    yield_now().await;
    Err(String::from("no"))
}

struct PanicsOnDrop;

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        panic!("when dropped");
    }
}

#[handler(Tried, order = 5)]
async fn panics_at_its_end(_: &Tried) {
    let _guard = PanicsOnDrop;
    yield_now().await;
}

#[handler(Tried, order = 6)]
async fn works(_: &Tried, trace: &Trace) {
    yield_now().await;
    trace.add("works");
}

#[test]
fn panics_and_errors_before_and_after_an_await_stop_nobody() {
    let trace = Trace::default();
    let bus = Bus::isolated()
        .provide(trace.clone())
        .with(panics_before_it_waits)
        .with(panics_after_it_waited)
        .with(panics_at_once)
        .with(fails_after_it_waited)
        .with(panics_at_its_end)
        .with(works)
        .subscribe(
            "panics when called",
            |event: &Tried| -> std::future::Ready<()> { panic!("{}", size_of_val(event)) },
        )
        .build()
        .unwrap();
    let expected = expect![[r"
        panics when called, panic true: 0
        panics_before_it_waits, panic true: before
        panics_after_it_waited, panic true: after
        panics_at_once, panic true: at once
        fails_after_it_waited, panic false: no
        panics_at_its_end, panic true: when dropped"]];
    for _ in 0..2 {
        let error = block_on(bus.publish(&Tried)).unwrap_err();
        expected.assert_eq(&failures(&error));
        assert_eq!(error.delivered().handled(), 7);
        assert_eq!(trace.take(), "works");
    }
}

#[event(async, fail_fast)]
struct Asked;

#[handler(Asked, order = 1)]
async fn agrees(_: &Asked, trace: &Trace) {
    yield_now().await;
    trace.add("agrees");
}

#[handler(Asked, order = 2)]
async fn vetoes(_: &Asked, trace: &Trace) -> Result<(), String> {
    yield_now().await;
    trace.add("vetoes");
    Err(String::from("no"))
}

#[handler(Asked, order = 3)]
async fn is_never_asked(_: &Asked, trace: &Trace) {
    trace.add("never");
}

#[test]
fn fail_fast_stops_at_the_first_failure() {
    let trace = Trace::default();
    let bus = Bus::isolated()
        .provide(trace.clone())
        .with(agrees)
        .with(vetoes)
        .with(is_never_asked)
        .build()
        .unwrap();
    let error = block_on(bus.publish(&Asked)).unwrap_err();
    assert_eq!(trace.take(), "agrees\nvetoes");
    assert_eq!(
        (error.delivered().handled(), error.failures().len()),
        (2, 1)
    );
    assert!(error.to_string().contains("and 1 did not run"), "{error}");
    let bus = bus.derive().without(vetoes).build().unwrap();
    assert_eq!(block_on(bus.publish(&Asked)).unwrap().handled(), 2);
    assert_eq!(trace.take(), "agrees\nnever");
}
