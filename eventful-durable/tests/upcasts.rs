//! Upcasts that are wrong, which are a fault of every bus of their program: so they have one of their own.

use eventful::durable::registered_subscriptions;
use eventful::{Bus, event, handler, upcast};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[event(durable, name = "upcasts.placed", version = 2)]
#[derive(Serialize, Deserialize)]
struct Placed;

/// Nothing lifts its version 1.
#[event(durable, name = "upcasts.paid", version = 2)]
#[derive(Serialize, Deserialize)]
struct Paid;

#[handler(Placed, id = "upcasts.mail")]
fn mail(_: &Placed) {}

#[handler(Paid, id = "upcasts.book")]
fn book(_: &Paid) {}

#[upcast("upcasts.placed", from = 1)]
fn lift(old: Value) -> Result<Value, String> {
    keep(old)
}

#[upcast("upcasts.placed", from = 1)]
fn lift_again(old: Value) -> Result<Value, String> {
    keep(old)
}

#[upcast("upcasts.placed", from = 2)]
fn lift_too_far(old: Value) -> Result<Value, String> {
    keep(old)
}

#[upcast("upcasts.shipped", from = 1)]
fn lift_nothing(old: Value) -> Result<Value, String> {
    keep(old)
}

#[expect(clippy::unnecessary_wraps, reason = "an upcast returns a `Result`")]
fn keep(old: Value) -> Result<Value, String> {
    Ok(old)
}

#[test]
fn each_upcast_that_is_wrong_is_a_fault_that_says_where_it_is() {
    let bus = Bus::isolated().with(mail).with(book).build().unwrap();
    let error = registered_subscriptions(&bus).unwrap_err();
    let mut faults: Vec<_> = error.faults().iter().map(|it| without_lines(it)).collect();
    faults.sort();
    assert_eq!(
        faults,
        [
            "`upcasts.paid` is of version 2, and nothing lifts its version 1: write `#[upcast(\"upcasts.paid\", from = \
             1)] fn … (old: serde_json::Value) -> Result<serde_json::Value, E>`",
            "`upcasts.placed` has two upcasts from version 1, at HERE and at HERE; remove one",
            "the upcast at HERE is for `upcasts.shipped`, and no durable event with that name is linked",
            "the upcast of `upcasts.placed` at HERE makes version 3 of version 2, and the event is of version 2: write \
             `version = 3` on it, or remove the upcast",
        ]
    );
}

/// The text with `HERE` for each line of this file.
fn without_lines(text: &str) -> String {
    let mut parts = text.split(file!());
    let mut cleaned = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_place = |it: char| it == ':' || it.is_ascii_digit();
        cleaned += "HERE";
        cleaned += part.trim_start_matches(is_place);
    }
    cleaned
}
