//! Contracts, `handlers = …`, and names of events: a bus with every linked handler checks both. The wiring of this
//! program is wrong on purpose.

use eventful::{AnyEvent, Bus, event, family, handler};
use expect_test::expect;

#[family]
trait Counted {}

#[event(handlers = 1..)]
struct Unheard;

#[event(handlers = 1)]
struct HeardTwice;

#[event(handlers = 1..=2, as(dyn Counted))]
struct HeardInAFamily;

impl Counted for HeardInAFamily {}

#[event(handlers = 1, as(dyn Counted))]
struct HeardOnceInTwoWays;

impl Counted for HeardOnceInTwoWays {}

#[event(handlers = 1)]
struct Instantiated<T: Send + Sync + 'static>(T);

#[event(name = "order.created")]
struct Created;

#[event(name = "order.created")]
struct CreatedAgain;

#[handler(HeardTwice)]
fn first(_: &HeardTwice) {}

#[handler(HeardTwice)]
fn second(_: &HeardTwice) {}

#[handler(dyn Counted)]
fn counts(_: &dyn Counted) {}

#[handler(HeardOnceInTwoWays, dyn Counted, id = "in.two.ways")]
fn in_two_ways<E: ?Sized>(_: &E) {}

#[handler(Instantiated<u8>)]
fn of_bytes(_: &Instantiated<u8>) {}

#[handler(dyn AnyEvent)]
fn everything(_: &dyn AnyEvent) {}

#[test]
fn every_broken_contract_and_shared_name_is_told() {
    let error = Bus::builder().build().unwrap_err();
    expect![[r#"
        the bus cannot be built, 4 faults:
          - two events are named `order.created`, at tests/process/contracts.rs:30:8 and at tests/process/contracts.rs:33:8; give one of them another `name = "…"`
          - event `contracts::Unheard` (tests/process/contracts.rs:11:8) says `handlers = 1..`, but no handler of its own is linked, and those of families do not count; write one, or `eventful::link!()` where its crate is only named in Cargo.toml; a test of a single crate begins with `Bus::isolated()`
          - event `contracts::HeardTwice` (tests/process/contracts.rs:14:8) says `handlers = 1`, but has 2 handlers of its own: contracts::first (tests/process/contracts.rs:36:4), contracts::second (tests/process/contracts.rs:39:4); link as many as it says, or change the contract
          - event `contracts::HeardInAFamily` (tests/process/contracts.rs:17:8) says `handlers = 1..=2`, but no handler of its own is linked, and those of families do not count; write one, or `eventful::link!()` where its crate is only named in Cargo.toml; a test of a single crate begins with `Bus::isolated()`"#]].assert_eq(&error.to_string());
}

#[test]
fn what_the_builder_adds_and_removes_counts() {
    let error = Bus::builder()
        .without(second)
        .subscribe("closure", |_: &Unheard| {})
        .subscribe("own", |_: &HeardInAFamily| {})
        .build()
        .unwrap_err();
    let faults = error.faults().iter().map(ToString::to_string);
    let faults: Vec<_> = faults
        .filter(|fault| !fault.contains("order.created"))
        .collect();
    assert_eq!(faults, [""; 0]);
}

#[test]
fn what_is_met_by_all_that_is_linked_is_met_by_less() {
    let error = Bus::builder()
        .without(in_two_ways::<HeardOnceInTwoWays>)
        .without(counts)
        .build()
        .unwrap_err();
    assert!(!error.to_string().contains("HeardOnceInTwoWays"), "{error}");
}

#[test]
fn a_bus_that_began_without_all_handlers_is_held_to_nothing() {
    let bus = Bus::isolated().with(first).build().unwrap();
    assert_eq!(bus.publish(&Unheard).unwrap().handled(), 0);
    let derived = bus.derive().with(second).build().unwrap();
    assert_eq!(derived.publish(&HeardTwice).unwrap().handled(), 2);
    assert_eq!(bus.publish(&Instantiated(1_u16)).unwrap().handled(), 0);
}

#[test]
fn a_default_bus_with_broken_contracts_refuses_every_publish() {
    let error = Unheard.publish().unwrap_err();
    assert!(error.refusal().unwrap().wiring().is_some());
}

#[test]
fn a_role_is_not_held_to_the_contracts_of_others() {
    let all = Bus::builder().retain(|_| true);
    assert!(
        all.build().is_err(),
        "a builder that keeps all is still the program"
    );
    let role = Bus::builder().retain(|subscription| subscription.handles::<HeardOnceInTwoWays>());
    assert!(role.build().unwrap().has_handlers::<HeardOnceInTwoWays>());
}
