//! The assertion that a function handles an event.

use eventful::testing::assert_handles;
use eventful::{AnyEvent, event, family, handler, handlers};
use expect_test::expect;

use super::shop::{self, OrderCreated, OrderPaid, OrderShipped, StockReserved, book};
use super::{Created, panic_of, stock};
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
    assert!(text.contains(" (tests/behaviours/testing.rs:"), "{text}");
    expect![[r"
        `behaviours::testing::stock` does not handle `behaviours::testing::Created`
        `behaviours::testing::Created` is handled by
          1. behaviours::testing::reserve
          2. warehouse.pack
        `behaviours::testing::stock` handles
          1. behaviours::testing::Reserved"]]
    .assert_eq(&without_places(&text));
}

#[test]
fn of_an_event_that_nobody_handles() {
    expect![[r"
        `behaviours::testing::stock` does not handle `behaviours::testing::handles::Unheard`
        `behaviours::testing::handles::Unheard` has no handler
        `behaviours::testing::stock` handles
          1. behaviours::testing::Reserved"]]
    .assert_eq(&panic_of(|| assert_handles::<Unheard, _>(stock)));
}

#[test]
fn a_function_that_is_no_handler() {
    let text = panic_of(|| assert_handles::<Created, _>(helper));
    expect![[r"
        `behaviours::testing::handles::helper` does not handle `behaviours::testing::Created`
        `behaviours::testing::Created` is handled by
          1. behaviours::testing::reserve
          2. warehouse.pack
        `behaviours::testing::handles::helper` handles nothing: write `#[handler(Created)]` on it, and `#[handlers]` on the `impl` of a method"]]
    .assert_eq(&without_places(&text));
}

#[test]
fn r103_a_test_can_ask_whether_a_function_is_declared_for_an_event() {
    struct Billing(Trace);

    #[handlers]
    impl Billing {
        #[handler(OrderPaid, before = book, id = "billing.charge")]
        fn charge(&self, _: &OrderPaid) {
            self.0.add("charge");
        }
    }

    #[family]
    trait Step {}
    impl Step for Delivered {}
    impl Step for Returned {}

    #[event(as(dyn Step))]
    struct Delivered;

    #[event(as(dyn Step))]
    struct Returned;

    #[handler(dyn Step)]
    fn log(_: &dyn Step) {}

    #[handler(Delivered, Returned, order = -7)]
    fn count<E: Step>(_: &E) {}

    #[handler(dyn AnyEvent)]
    fn everything(_: &dyn AnyEvent) {}

    fn helper(_: &OrderPaid) {}

    let trace = Trace::default();
    assert_handles::<OrderCreated, _>(shop::reserve);
    assert_handles::<StockReserved, _>(shop::stock);
    assert_handles::<OrderPaid, _>(shop::check);
    assert_handles::<OrderShipped, _>(shop::notify);
    assert_handles::<OrderPaid, _>(Billing::charge);
    assert_handles::<Delivered, _>(log);
    assert_handles::<Returned, _>(log);
    assert_handles::<Delivered, _>(count::<Delivered>);
    assert_handles::<Returned, _>(count::<Returned>);
    assert_handles::<Returned, _>(everything);
    assert_handles::<OrderShipped, _>(everything);
    let text = panic_of(|| assert_handles::<StockReserved, _>(shop::reserve));
    let lines = text
        .lines()
        .map(|line| line.split(" (").next().unwrap_or_default());
    trace.add(lines.collect::<Vec<_>>().join("\n"));
    let text = panic_of(|| assert_handles::<OrderPaid, _>(helper));
    trace.add(text.lines().next_back().unwrap_or_default());
    expect![[r"
        `behaviours::testing::shop::reserve` does not handle `stock.reserved`
        `stock.reserved` is handled by
          1. warehouse.stock
        `behaviours::testing::shop::reserve` handles
          1. order.created
        `behaviours::testing::handles::r103_a_test_can_ask_whether_a_function_is_declared_for_an_event::helper` handles nothing: write `#[handler(OrderPaid)]` on it, and `#[handlers]` on the `impl` of a method"]]
    .assert_eq(&trace.take());
}
