//! The nesting limit, and what the errors of nested publishes say.

use eventful::observe::Observer;
use eventful::{Bus, PublishError, event, handler};
use expect_test::expect;

use super::{Countdown, enter, go_on, leave};
use crate::Trace;

fn bus(trace: &Trace) -> Bus {
    Bus::isolated()
        .provide(trace.clone())
        .with(enter)
        .with(go_on)
        .with(leave)
        .build()
        .unwrap()
}

#[test]
fn a_panic_in_a_nested_publish_is_that_handlers_failure() {
    let trace = Trace::default();
    let bus = bus(&trace)
        .derive()
        .subscribe("panic", |event: &Countdown| assert!(event.0 != 0, "zero"))
        .build()
        .unwrap();
    let error = bus.publish(&Countdown(1)).unwrap_err();
    assert_eq!(
        trace.take().replace('\n', ", "),
        "enter 1, enter 0, leave 0, leave 1"
    );
    let outer = &error.failures()[0];
    assert_eq!(outer.handler().id(), "behaviours::nesting::go_on");
    let inner = outer
        .error()
        .unwrap()
        .downcast_ref::<PublishError>()
        .expect("the nested error is passed on");
    assert!(inner.failures()[0].is_panic());
    assert_eq!(inner.failures()[0].message(), "zero");
}

#[event]
struct Ping;

#[event]
struct Pong;

#[handler(Ping)]
fn ping(_: &Ping) -> Result<(), PublishError> {
    Pong.publish().map(drop)
}

#[handler(Pong)]
fn pong(_: &Pong) -> Result<(), PublishError> {
    Ping.publish().map(drop)
}

/// The refused publish at the bottom of a chain of errors, and how deep it was.
fn innermost(mut error: PublishError) -> (PublishError, usize) {
    let mut depth = 0;
    while error.refusal().is_none() {
        let failure = error.into_failures().remove(0);
        error = *failure
            .into_error()
            .expect("no panic")
            .downcast()
            .expect("a nested publish");
        depth += 1;
    }
    (error, depth)
}

#[test]
fn a_cycle_ends_at_the_limit_with_an_error_that_names_the_chain() {
    let bus = Bus::isolated().with(ping).with(pong).build().unwrap();
    let (error, depth) = innermost(bus.publish(&Ping).unwrap_err());
    assert_eq!(depth, 128);
    let refusal = error.refusal().unwrap();
    assert!(refusal.is_nesting_limit() && refusal.wiring().is_none() && !refusal.is_unregistered());
    assert_eq!(refusal.chain().len(), 128);
    assert_eq!(
        refusal.chain()[0].handler().id(),
        "behaviours::nesting::limits::pong"
    );
    assert!(error.failures().is_empty());
    assert_eq!(error.delivered().handled(), 0);
    let text: Vec<_> = error
        .to_string()
        .lines()
        .map(|line| line.trim().split(" (").next().unwrap().to_owned())
        .collect();
    expect![[r"
          by behaviours::nesting::limits::pong
          by behaviours::nesting::limits::ping
          … and so on, 128 steps in all"]]
    .assert_eq(&text[1..].join("\n"));
    assert!(
        text[0]
            .contains("handlers that publish are nested 128 deep, which is the limit of this bus"),
        "{error}"
    );
}

#[test]
fn the_limit_can_be_set_and_is_inherited() {
    let bus = Bus::isolated()
        .with(ping)
        .with(pong)
        .nesting_limit(3)
        .build()
        .unwrap();
    let (_, depth) = innermost(bus.publish(&Ping).unwrap_err());
    assert_eq!(depth, 3);
    let (_, depth) = innermost(bus.derive().build().unwrap().publish(&Ping).unwrap_err());
    assert_eq!(depth, 3);
    bus.publish(&Ping).unwrap_err();
}

#[test]
fn a_limit_of_zero_refuses_every_event_that_has_handlers() {
    let trace = Trace::default();
    let bus = bus(&trace).derive().nesting_limit(0).build().unwrap();
    let at_once = bus.publish(&Countdown(0));
    let in_scope = bus.scope(|| Countdown(0).publish());
    for result in [at_once, in_scope] {
        assert!(result.unwrap_err().refusal().unwrap().is_nesting_limit());
    }
    assert_eq!(trace.take(), "");
    assert_eq!(bus.publish(&Ping).unwrap().handled(), 0);
}

#[test]
fn siblings_and_scopes_are_not_nested() {
    let trace = Trace::default();
    let bus = bus(&trace).derive().nesting_limit(3).build().unwrap();
    for _ in 0..10 {
        bus.scope(|| bus.scope(|| bus.scope(|| Countdown(2).publish())))
            .unwrap();
    }
    bus.publish(&Countdown(3)).unwrap_err();
}

#[test]
fn a_nested_failure_is_told_in_one_line_on_each_level() {
    let bus = Bus::isolated()
        .with(ping)
        .with(pong)
        .nesting_limit(20)
        .build()
        .unwrap();
    let text = bus.publish(&Ping).unwrap_err().to_string();
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(
        text.contains(
            "failed: 1 of 1 handlers of `behaviours::nesting::limits::Pong`, published at "
        ),
        "{text}"
    );
}

#[event]
struct Unwrapped;

#[handler(Unwrapped)]
fn unwraps_its_own_event(_: &Unwrapped, bus: &Bus) {
    bus.publish(&Unwrapped).unwrap();
}

#[test]
fn a_cycle_that_is_unwrapped_ends_at_the_limit_with_a_text_that_has_an_end() {
    let bus = Bus::isolated().with(unwraps_its_own_event).build().unwrap();
    let error = bus.publish(&Unwrapped).unwrap_err();
    let message = error.failures()[0].message();
    assert!(error.failures()[0].is_panic());
    assert!(message.len() < 4_200, "{}", message.len());
    assert!(message.contains(" bytes) … "), "{message}");
    assert!(
        message.ends_with("… and so on, 128 steps in all"),
        "{message}"
    );
}

#[test]
fn what_is_unwrapped_reads_like_the_error() {
    let bus = Bus::isolated()
        .subscribe("fails", |_: &Countdown| Err::<(), _>("no \"reason\""))
        .build()
        .unwrap();
    let error = bus.publish(&Countdown(0)).unwrap_err();
    assert_eq!(format!("{error:?}"), error.to_string());
    let failure = &error.failures()[0];
    assert_eq!(format!("{failure:?}"), failure.to_string());
}

#[test]
fn the_outermost_error_tells_the_innermost_failure() {
    let trace = Trace::default();
    let bus = bus(&trace)
        .derive()
        .subscribe("fails", |event: &Countdown| match event.0 {
            0 => Err("nothing left"),
            _ => Ok(()),
        })
        .build()
        .unwrap();
    let error = bus.publish(&Countdown(3)).unwrap_err();
    let message = error.failures()[0].message();
    assert!(
        message.starts_with("1 of 4 handlers of `behaviours::nesting::Countdown`, published at")
    );
    assert!(
        message.contains("failed; innermost: handler fails ("),
        "{message}"
    );
    assert!(message.ends_with(") failed: nothing left"), "{message}");
}

#[test]
fn an_event_that_nobody_handles_is_delivered_at_any_depth_on_a_bus_that_is_watched_or_not() {
    #[event]
    struct Unheard;

    struct Silent;

    impl Observer for Silent {}

    let bus = Bus::isolated()
        .nesting_limit(1)
        .subscribe("publishes", |_: &Ping| Unheard.publish().map(drop))
        .build()
        .unwrap();
    let watched = bus.derive().observe(Silent).build().unwrap();
    for bus in [bus, watched] {
        bus.publish(&Ping).expect("nobody refuses");
    }
}
