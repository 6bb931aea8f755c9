//! The event that an observer is given, in every way in which a handler or a publish ends.

use eventful::observe::{HandlerEnd, Observer, PublishEnd};
use eventful::{AnyEvent, Bus, Delivery, event, family, handler};
use expect_test::expect;

use crate::Trace;
use crate::executor::{block_on, poll_once, yield_now};

#[family]
trait Numbered {
    fn number(&self) -> u32;
}

#[family]
trait Named {
    fn name(&self) -> &'static str;
}

#[event(as(dyn Numbered, dyn Named))]
struct Placed(u32);

impl Numbered for Placed {
    fn number(&self) -> u32 {
        self.0
    }
}

impl Named for Placed {
    fn name(&self) -> &'static str {
        "an order"
    }
}

#[event(async, as(dyn Numbered))]
struct Shipped(u32);

impl Numbered for Shipped {
    fn number(&self) -> u32 {
        self.0
    }
}

/// It could be numbered, and does not say so.
#[event]
struct Lost(u32);

impl Numbered for Lost {
    fn number(&self) -> u32 {
        self.0
    }
}

#[event(as(dyn Numbered))]
struct Wrapped<T>(T);

impl<T: Copy + Into<u32> + Send + Sync + 'static> Numbered for Wrapped<T> {
    fn number(&self) -> u32 {
        self.0.into()
    }
}

/// Writes down what it learns of each event.
struct Scribe(Trace);

impl Scribe {
    fn add(&self, what: impl std::fmt::Display, event: &dyn AnyEvent) {
        let number = event.as_member::<dyn Numbered>().map(Numbered::number);
        self.0.add(format!("{what}: {number:?}"));
    }
}

impl Observer for Scribe {
    fn handler_finished(&self, delivery: &Delivery, end: &HandlerEnd<'_>) {
        let handler = delivery.handler().id();
        self.add(format_args!("  {handler} {}", end.outcome()), end.event());
    }

    fn publish_finished(&self, _: &Delivery, end: &PublishEnd<'_>) {
        self.add(end.outcome(), end.event());
    }
}

#[handler(Shipped, id = "deliver")]
async fn deliver(event: &Shipped) -> Result<Option<Placed>, String> {
    yield_now().await;
    match event.0 {
        0 => Err("nobody is at home".to_owned()),
        1 => Ok(None),
        more => Ok(Some(Placed(more))),
    }
}

#[handler(Shipped, id = "guarded", when = |event| event.0 > 1)]
async fn guarded(_: &Shipped) {}

fn observed() -> (Bus, Trace) {
    let trace = Trace::default();
    let bus = Bus::isolated()
        .with(deliver)
        .with(guarded)
        .subscribe("refuse", |event: &Placed| match event.0 {
            7 => Err("seven"),
            _ => Ok(()),
        })
        .subscribe("find", |_: &Lost| ())
        .subscribe("unwrap", |_: &Wrapped<u8>| ())
        .observe(Scribe(trace.clone()))
        .build()
        .unwrap();
    (bus, trace)
}

#[test]
fn it_is_the_one_that_is_delivered_however_that_ends() {
    let (bus, trace) = observed();
    bus.publish(&Placed(3)).unwrap();
    bus.publish(&Placed(7)).unwrap_err();
    block_on(bus.publish(&Shipped(0))).unwrap_err();
    block_on(bus.publish(&Shipped(1))).unwrap();
    // The second is an event that a handler returned.
    block_on(bus.publish(&Shipped(7))).unwrap_err();
    expect![[r"
          refuse handled: Some(3)
        delivered: Some(3)
          refuse failed: Some(7)
        failed: Some(7)
          deliver failed: Some(0)
          guarded skipped: Some(0)
        failed: Some(0)
          deliver handled: Some(1)
          guarded skipped: Some(1)
        delivered: Some(1)
          deliver handled: Some(7)
          guarded handled: Some(7)
        delivered: Some(7)
          refuse failed: Some(7)
        failed: Some(7)"]]
    .assert_eq(&trace.take());
}

#[test]
fn it_is_there_when_a_publish_is_dropped_half_way() {
    let (bus, trace) = observed();
    {
        let mut publish = Box::pin(bus.publish(&Shipped(5)));
        assert!(poll_once(&mut publish).is_pending());
    }
    assert_eq!(
        trace.take(),
        "  deliver cancelled: Some(5)\ncancelled: Some(5)"
    );
}

#[test]
fn it_is_there_when_a_publish_is_refused() {
    let trace = Trace::default();
    let bus = Bus::isolated()
        .with(deliver)
        .subscribe("refuse", |_: &Placed| ())
        .nesting_limit(0)
        .observe(Scribe(trace.clone()))
        .build()
        .unwrap();
    bus.publish(&Placed(3)).unwrap_err();
    block_on(bus.publish(&Shipped(4))).unwrap_err();
    assert_eq!(trace.take(), "refused: Some(3)\nrefused: Some(4)");
}

#[test]
fn it_is_a_member_of_the_families_that_it_names_and_of_no_other() {
    let (bus, trace) = observed();
    bus.publish(&Lost(3)).unwrap();
    bus.publish(&Wrapped(4_u8)).unwrap();
    assert_eq!(
        trace.take(),
        "  find handled: None\ndelivered: None\n  unwrap handled: Some(4)\ndelivered: Some(4)"
    );
    let (placed, shipped): (&dyn AnyEvent, &dyn AnyEvent) = (&Placed(1), &Shipped(2));
    assert_eq!(
        placed.as_member::<dyn Named>().map(Named::name),
        Some("an order")
    );
    assert!(shipped.as_member::<dyn Named>().is_none());
    assert_eq!(Lost(9).number(), 9);
}
