//! That a function is a handler of an event.

use eventful::testing::assert_handles;
use eventful::{event, handlers};
use expect_test::expect;

use super::{Created, Reserved, Shipped, notify, panic_of, reserve, stock};
use crate::Trace;

struct Warehouse(Trace);

#[handlers]
impl Warehouse {
    #[handler(Created, order = 7, id = "warehouse.pack")]
    fn pack(&self, _: &Created) {
        self.0.add("pack");
    }
}

#[event]
struct Unheard;

fn helper(_: &Created) {}

#[test]
fn a_function_an_asynchronous_one_and_a_method() {
    assert_handles::<Created, _>(reserve);
    assert_handles::<Reserved, _>(stock);
    assert_handles::<Shipped, _>(notify);
    assert_handles::<Created, _>(Warehouse::pack);
}

/// The places of the handlers change with every line of this file.
fn without_places(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.split(" (tests/").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn of_another_event() {
    let text = panic_of(|| assert_handles::<Created, _>(stock));
    assert!(text.contains(" (tests/runtime/testing.rs:"), "{text}");
    expect![[r"
        `runtime::testing::stock` does not handle `runtime::testing::Created`
        `runtime::testing::Created` is handled by
          1. runtime::testing::reserve
          2. warehouse.pack
        `runtime::testing::stock` handles
          1. runtime::testing::Reserved"]]
    .assert_eq(&without_places(&text));
}

#[test]
fn of_an_event_that_nobody_handles() {
    expect![[r"
        `runtime::testing::stock` does not handle `runtime::testing::handles::Unheard`
        `runtime::testing::handles::Unheard` has no handler
        `runtime::testing::stock` handles
          1. runtime::testing::Reserved"]]
    .assert_eq(&panic_of(|| assert_handles::<Unheard, _>(stock)));
}

#[test]
fn a_function_that_is_no_handler() {
    let text = panic_of(|| assert_handles::<Created, _>(helper));
    expect![[r"
        `runtime::testing::handles::helper` does not handle `runtime::testing::Created`
        `runtime::testing::Created` is handled by
          1. runtime::testing::reserve
          2. warehouse.pack
        `runtime::testing::handles::helper` handles nothing: write `#[handler(Created)]` on it, and `#[handlers]` on the `impl` of a method"]]
    .assert_eq(&without_places(&text));
}
