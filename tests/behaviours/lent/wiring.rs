//! Loans in the wiring and its faults.

use eventful::{Bus, event, family, handler};
use expect_test::expect;

use super::{Lines, OrderPlaced, User, audit};
use crate::trace::Trace;

#[event(with = mut User)]
struct Renamed;

#[handler(Renamed)]
fn wants_it_shared(_: &Renamed, _: &User) {}

#[event]
struct Deleted;

#[handler(Deleted)]
fn wants_a_user(_: &Deleted, _: &User) {}

#[family]
trait Audited {}

#[event(with = User, as(dyn Audited))]
struct Blocked;

impl Audited for Blocked {}

#[handler(dyn Audited)]
fn hears_the_family(_: &dyn Audited, _: &User) {}

#[event(with = mut Vec<String>)]
struct Printed;

#[handler(Printed, id = "print.title")]
fn print_title(_: &Printed, lines: &mut Vec<String>, trace: &Trace) {
    lines.push(String::from("title"));
    trace.add("title");
}

#[test]
fn r198_a_loan_that_nobody_makes_is_missing_when_the_bus_is_built() {
    // The registry has `OrderPlaced`, which lends a `User`.
    assert_eq!(
        Bus::isolated().build().unwrap().handlers::<OrderPlaced>(),
        []
    );
    let bus = Bus::isolated()
        .with(wants_it_shared)
        .with(wants_a_user)
        .with(hears_the_family);
    let error = bus.build().unwrap_err();
    let faults = error.faults().iter().map(|fault| {
        let text = fault.to_string();
        let start = text.find("needs").or_else(|| text.find("takes"));
        text[start.unwrap_or(0)..].replace("behaviours::lent::", "")
    });
    expect![[r"
        needs the resource `&User`, which nothing provides; write `.provide(…)` with a `User` on the builder; or lend it: `OrderPlaced` says `with = User`, and `wiring::Deleted` does not
        needs the resource `&User`, which nothing provides; write `.provide(…)` with a `User` on the builder; `OrderPlaced` lends it, but to handlers of that event only, and not to those of a family
        takes a `&User`, which would be another one; write `&mut User`"]]
    .assert_eq(&faults.collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_wiring_shows_what_is_lent_and_that_it_is_no_resource() {
    let bus = Bus::isolated()
        .provide(Trace::default())
        .with(print_title)
        .with(audit);
    let wiring = bus.build().unwrap().wiring();
    let table = wiring.to_string();
    for line in [
        "with = mut Vec<String>",
        "is lent &mut Vec<String>",
        "with = User",
        "is lent &User",
    ] {
        assert!(table.contains(line), "{line}: {table}");
    }
    let printed = wiring
        .events()
        .iter()
        .find(|event| event.name().ends_with("Printed"))
        .unwrap();
    assert_eq!(printed.with(), Some("mut Vec<String>"));
    let handler = &printed.handlers()[0];
    assert_eq!(handler.lent(), ["&mut Vec<String>"]);
    let needed: Vec<_> = handler
        .resources()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(needed, ["&Trace"]);
    let mut lines = Lines::new();
    bus_of_printed().publish_with(&Printed, &mut lines).unwrap();
    assert_eq!(lines, ["title"]);
}

fn bus_of_printed() -> Bus {
    Bus::isolated()
        .provide(Trace::default())
        .with(print_title)
        .build()
        .unwrap()
}

#[test]
fn a_value_of_the_bus_does_not_stand_in_for_what_is_lent_mutably() {
    let bus = Bus::isolated().provide(User("alice")).with(wants_it_shared);
    let error = bus.build().unwrap_err().to_string();
    assert!(error.contains("lends `&mut"), "{error}");
}
