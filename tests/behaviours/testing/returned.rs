//! Events that handlers return, and handlers of several events, as the kit sees them.

use eventful::testing::{Recorder, assert_handles};
use eventful::{Bus, Event, event, family, handler};
use expect_test::expect;

use super::panic_of;
use crate::Trace;

#[event(as(dyn Step))]
#[derive(Clone, Debug, PartialEq)]
struct Ordered(u64);

#[event(as(dyn Step))]
#[derive(Clone, Debug, PartialEq)]
struct Packed(u64);

#[event(async)]
#[derive(Clone, Debug, PartialEq)]
struct Sent(u64);

#[event]
struct Unrelated;

#[family]
trait Step {
    fn id(&self) -> u64;
}

impl Step for Ordered {
    fn id(&self) -> u64 {
        self.0
    }
}

impl Step for Packed {
    fn id(&self) -> u64 {
        self.0
    }
}

#[handler(Ordered)]
fn pack(event: &Ordered, trace: &Trace) -> Vec<Packed> {
    trace.add(format!("pack {}", event.0));
    (1..=event.0).map(Packed).collect()
}

#[handler(Sent)]
async fn order_again(event: &Sent, trace: &Trace) -> Option<Ordered> {
    trace.add(format!("order again {}", event.0));
    (event.0 > 1).then_some(Ordered(event.0))
}

#[handler(dyn Step)]
fn log(event: &dyn Step, trace: &Trace) {
    trace.add(format!("log {}", event.id()));
}

#[handler(Ordered, Packed)]
fn count<E: Step + Event>(event: &E, trace: &Trace) {
    trace.add(format!("count {}", event.id()));
}

#[handler(Ordered, when = |event| event.0 > 100)]
fn congratulate(_: &Ordered) {}

fn bus(trace: &Trace) -> Bus {
    Bus::isolated()
        .with(pack)
        .with(order_again)
        .with(log)
        .provide(trace.clone())
        .build()
        .unwrap()
}

#[test]
fn returned_events_are_recorded_as_they_are_delivered() {
    let (recorder, trace) = (Recorder::new(), Trace::default());
    let bus = bus(&trace)
        .derive()
        .capture::<Ordered>(&recorder)
        .capture::<Packed>(&recorder)
        .capture::<Sent>(&recorder)
        .build()
        .unwrap();
    assert_eq!(bus.publish(&Ordered(2)).unwrap().cascaded(), 2);
    assert_eq!(smol::block_on(bus.publish(&Sent(2))).unwrap().cascaded(), 3);
    expect!["Recorder[behaviours::testing::returned::Ordered: Ordered(2), behaviours::testing::returned::Packed: Packed(1), behaviours::testing::returned::Packed: Packed(2), behaviours::testing::returned::Sent: Sent(2), behaviours::testing::returned::Ordered: Ordered(2), behaviours::testing::returned::Packed: Packed(1), behaviours::testing::returned::Packed: Packed(2)]"]
        .assert_eq(&format!("{recorder:?}"));
    assert_eq!(
        trace.take().replace('\n', ", "),
        "pack 2, log 2, log 1, log 2, order again 2, pack 2, log 2, log 1, log 2"
    );
}

#[test]
fn a_returned_event_can_be_faked_and_a_faked_one_returns_nothing() {
    let (recorder, trace) = (Recorder::new(), Trace::default());
    let bus = bus(&trace);
    let without_packing = bus.derive().fake::<Packed>(&recorder).build().unwrap();
    without_packing.publish(&Ordered(2)).unwrap();
    assert_eq!(recorder.take::<Packed>(), [Packed(1), Packed(2)]);
    assert_eq!(trace.take(), "pack 2\nlog 2");

    let without_orders = bus.derive().fake::<Ordered>(&recorder).build().unwrap();
    smol::block_on(without_orders.publish(&Sent(3))).unwrap();
    assert_eq!(recorder.take::<Ordered>(), [Ordered(3)]);
    without_orders.publish(&Ordered(3)).unwrap();
    assert_eq!(trace.take(), "order again 3");
}

#[test]
fn a_fake_keeps_families_and_several_events_from_hearing_of_it() {
    let (recorder, trace) = (Recorder::new(), Trace::default());
    let bus = bus(&trace)
        .derive()
        .with(count::<Ordered>)
        .with(count::<Packed>)
        .fake_if(&recorder, |event: &Packed| event.0 == 1)
        .build()
        .unwrap();
    bus.publish(&Packed(1)).unwrap();
    assert_eq!(bus.publish(&Packed(2)).unwrap().handled(), 2);
    assert_eq!(trace.take(), "log 2\ncount 2");
}

#[test]
fn a_handler_of_a_family_or_of_several_events_handles_each() {
    assert_handles::<Ordered, _>(pack);
    assert_handles::<Sent, _>(order_again);
    assert_handles::<Ordered, _>(log);
    assert_handles::<Packed, _>(log);
    assert_handles::<Ordered, _>(count::<Ordered>);
    assert_handles::<Packed, _>(count::<Packed>);
    // A guard decides later.
    assert_handles::<Ordered, _>(congratulate);

    let without_places = |text: String| {
        let lines = text.lines().map(|line| line.split(" (tests/").next());
        lines
            .map(Option::unwrap_or_default)
            .collect::<Vec<_>>()
            .join("\n")
    };
    expect![[r"
        `behaviours::testing::returned::log` does not handle `behaviours::testing::returned::Unrelated`
        `behaviours::testing::returned::Unrelated` has no handler
        `behaviours::testing::returned::log` handles
          1. dyn behaviours::testing::returned::Step"]]
    .assert_eq(&without_places(panic_of(|| {
        assert_handles::<Unrelated, _>(log);
    })));
    expect![[r"
        `behaviours::testing::returned::count<behaviours::testing::returned::Packed>` does not handle `behaviours::testing::returned::Ordered`
        `behaviours::testing::returned::Ordered` is handled by
          1. behaviours::testing::returned::pack
          2. behaviours::testing::returned::log
          3. behaviours::testing::returned::count
          4. behaviours::testing::returned::congratulate
        `behaviours::testing::returned::count<behaviours::testing::returned::Packed>` handles
          1. behaviours::testing::returned::Packed"]]
    .assert_eq(&without_places(panic_of(|| assert_handles::<Ordered, _>(count::<Packed>))));
}

#[test]
fn a_chain_of_returned_events_is_asserted_in_order() {
    let (recorder, trace) = (Recorder::new(), Trace::default());
    let bus = bus(&trace).derive().capture_all(&recorder).build().unwrap();
    bus.publish(&Ordered(1)).unwrap();
    recorder.assert_sequence::<(Ordered, Packed)>();
}
