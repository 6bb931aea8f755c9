//! The wiring of this whole program, and of buses that are made from it.

#[path = "../programs/records/file.rs"]
mod file;
#[path = "wiring/shop.rs"]
mod shop;
#[path = "wiring/snapshot.rs"]
mod snapshot;
#[path = "this_program.rs"]
mod this_program;

use std::env;
use std::sync::Arc;

use eventful::testing::assert_wiring;
use eventful::wiring::{WiredEvent, WiredHandler};
use eventful::{Bus, BusBuilder, Event, HandlerInfo, Wiring};
use expect_test::expect;

use crate::shop::audit::Auditable;
use crate::shop::orders::{OrderCreated, OrderRejected};
use crate::shop::stock::{Changed, Counted, Moved, StockReserved};

fn wiring() -> Wiring {
    Bus::builder()
        .wiring()
        .expect("this program's handlers can be put in order")
}

fn event<'a>(wiring: &'a Wiring, name: &str) -> &'a WiredEvent {
    let mut events = wiring.events().iter();
    let found = events.find(|event| event.name() == name);
    found.unwrap_or_else(|| panic!("there is no event {name} in\n{wiring}"))
}

fn ids(handlers: &[WiredHandler]) -> Vec<&str> {
    handlers.iter().map(WiredHandler::id).collect()
}

/// A bus with all handlers, and what they need.
fn full_bus() -> BusBuilder {
    Bus::builder()
        .provide(shop::audit::Log)
        .provide(shop::billing::Billing { refunds: 0 })
        .provide_arc::<dyn shop::mail::Mailer>(Arc::new(shop::mail::Smtp))
}

#[test]
fn the_wiring_of_the_program_is_what_the_file_holds() {
    assert_wiring("tests/process/wiring/program.txt");
}

#[cfg(not(feature = "records"))]
#[test]
fn without_records_the_file_says_nothing() {
    let program = file::program(&env::current_exe().unwrap());
    assert!(program.records().is_empty());
}

#[cfg(feature = "records")]
#[test]
fn the_file_of_the_program_says_the_same() {
    let program = file::program(&env::current_exe().unwrap());
    assert_eq!(program.wiring().to_string(), wiring().to_string());
    assert_eq!(format!("{:#}", program.wiring()), format!("{:#}", wiring()));
    assert!(
        program.unresolved().is_empty(),
        "{:?}",
        program.unresolved()
    );
    assert!(program.faults().is_empty(), "{:?}", program.faults());
}

#[test]
fn the_alternate_form_has_files_and_lines() {
    let table = format!("{:#}", wiring());
    for line in [
        "\n  wiring::shop::cache::update_cache         at tests/process/wiring/shop.rs:",
        "\norder.rejected                              at tests/process/wiring/shop.rs:",
        "\ndyn wiring::shop::audit::Auditable          at tests/process/wiring/shop.rs:",
    ] {
        assert!(table.contains(line), "{table}");
    }
}

#[test]
fn the_program_needs_no_resources_to_be_described() {
    assert!(Bus::builder().build().is_err());
    assert!(wiring().resources().is_empty());
}

#[test]
fn the_order_is_that_of_the_bus() {
    fn check<E: Event>(name: &str, bus: &Bus) {
        let expected: Vec<&str> = bus.handlers::<E>().iter().map(HandlerInfo::id).collect();
        assert!(!expected.is_empty());
        assert_eq!(ids(event(&bus.wiring(), name).handlers()), expected);
        assert_eq!(ids(event(&wiring(), name).handlers()), expected);
    }
    let bus = full_bus().build().unwrap();
    check::<OrderCreated>("wiring::shop::orders::OrderCreated", &bus);
    check::<OrderRejected>("order.rejected", &bus);
    check::<StockReserved>("wiring::shop::stock::StockReserved", &bus);
    check::<Changed<String>>("wiring::shop::stock::Changed<alloc::string::String>", &bus);
}

/// The listeners of an instantiation that no handler names are known before it is published.
#[test]
fn the_instantiations_that_only_families_hear_have_an_event_that_stands_for_them() {
    fn check<E: Event>(name: &str, wiring: &Wiring, bus: &Bus) {
        let expected: Vec<&str> = bus.handlers::<E>().iter().map(HandlerInfo::id).collect();
        assert!(!expected.is_empty());
        let event = event(wiring, name);
        assert_eq!(ids(event.handlers()), expected);
        assert!(event.is_generic());
    }
    let bus = full_bus().build().unwrap();
    for wiring in [wiring(), bus.wiring()] {
        check::<Moved<u8>>("wiring::shop::stock::Moved<_>", &wiring, &bus);
        check::<Counted<u8>>("stock.counted<_>", &wiring, &bus);
    }
    bus.publish(&Counted(1_u8)).unwrap();
    drop(bus.publish(&Moved(1_u8)));

    let unheard = Bus::isolated().with(shop::audit::count).build().unwrap();
    assert!(unheard.wiring().events().is_empty());
}

#[test]
fn an_event_and_a_handler_say_everything_about_themselves() {
    let wiring = wiring();
    let created = event(&wiring, "wiring::shop::orders::OrderCreated");
    assert!(created.is_async() && created.is_concurrent());
    assert!(!created.is_fail_fast() && !created.is_generic());
    assert!(event(&wiring, "order.rejected").is_fail_fast());
    assert_eq!(created.contract(), Some("1.."));
    assert_eq!(created.families(), ["dyn wiring::shop::audit::Auditable"]);
    assert_eq!(created.position().module_path(), "wiring::shop::orders");
    assert_eq!(created.position().file(), "tests/process/wiring/shop.rs");

    let shipped = event(&wiring, "wiring::shop::orders::OrderShipped");
    assert_eq!(shipped.with(), Some("mut super::mail::Outbox"));
    let write = shipped
        .handlers()
        .iter()
        .find(|it| it.id().ends_with("::write"));
    let write = write.expect("it handles the event");
    assert_eq!(write.lent(), ["&mut Outbox"]);
    assert_eq!(write.resources().len(), 1);

    let send = created
        .handlers()
        .iter()
        .find(|it| it.id().ends_with("::send"));
    let send = send.expect("it handles the event");
    assert!(send.is_async() && !send.is_guarded() && !send.is_closure() && !send.is_replaced());
    assert_eq!(
        send.constraints(),
        ["after = update_cache", "before = \"stock.reserve\""]
    );
    assert_eq!((send.family(), send.order()), (None, 0));
    let resources: Vec<_> = send
        .resources()
        .iter()
        .map(|it| (it.type_name(), it.is_optional()))
        .collect();
    assert_eq!(
        resources,
        [
            (Some("dyn wiring::shop::mail::Mailer"), false),
            (Some("u64"), true)
        ]
    );
}

#[test]
fn what_leads_to_what_and_in_cycles() {
    let wiring = wiring();
    let cascades: Vec<String> = wiring
        .cascades()
        .map(|it| {
            format!(
                "{} -> {} -> {}",
                it.event(),
                it.handler().id(),
                it.returned()
            )
        })
        .collect();
    expect![[r"
        wiring::shop::orders::OrderCreated -> stock.reserve -> wiring::shop::stock::StockReserved
        wiring::shop::orders::OrderCreated -> stock.reserve -> order.rejected
        wiring::shop::stock::Changed<alloc::string::String> -> wiring::shop::stock::rename -> wiring::shop::stock::Changed<u64>
        wiring::shop::stock::StockReserved -> wiring::shop::stock::order_the_same_again -> wiring::shop::orders::OrderCreated"]].assert_eq(&cascades.join("\n"));
    assert_eq!(
        wiring.cycles(),
        [[
            "wiring::shop::orders::OrderCreated",
            "wiring::shop::stock::StockReserved"
        ]]
    );
}

#[test]
fn a_bus_has_what_its_builder_was_told() {
    let bus = full_bus()
        .without(shop::cache::update_cache)
        .replace_id("stock.reserve", |_: &OrderCreated| None::<OrderRejected>)
        .replace(shop::audit::write_line, |_: &dyn Auditable| {})
        .subscribe("temporary", |_: &OrderCreated| async {})
        .build()
        .unwrap();
    let table = bus.wiring().to_string();
    let (_, from_created) = table
        .split_once("\n\nwiring::shop::orders::OrderCreated ")
        .unwrap();
    let (created, _) = from_created.split_once("\n\n").unwrap();
    expect![[r#"
        OrderCreated          async, concurrent, handlers = 1..
                                                    as dyn wiring::shop::audit::Auditable
          wiring::shop::audit::measure
          wiring::shop::mail::send                  async, after = update_cache, before = "stock.reserve"
                                                    needs &dyn Mailer, Option<&u64> (nothing provides it)
          stock.reserve                             in wiring::shop::stock
                                                    replaced by a closure
                                                    returns order.rejected
          temporary                                 a closure, async
          wiring::shop::audit::write_line           via dyn wiring::shop::audit::Auditable"#]].assert_eq(&format!("OrderCreated {created}"));
    let families = table.find("Families").expect("there are some");
    expect![[r"
        Families of events, each with its handlers:

        dyn wiring::shop::audit::Auditable          of order.rejected, stock.counted<_>,
                                                       wiring::shop::orders::OrderCreated
          wiring::shop::audit::write_line           replaced by a closure, order = 10

        dyn wiring::shop::audit::Tracked            async
                                                    of wiring::shop::stock::Moved<_>,
                                                       wiring::shop::stock::StockReserved
          wiring::shop::audit::find                 before = track
          wiring::shop::audit::track                async

        dyn AnyEvent                                of every event, in its place by `order`
          wiring::shop::audit::count                order = -10

        Resources that the bus provides:

        &dyn wiring::shop::mail::Mailer
        &Arc<dyn wiring::shop::mail::Mailer>
        &wiring::shop::audit::Log
        &wiring::shop::billing::Billing"]]
    .assert_eq(&table[families..]);
}

#[test]
fn a_closure_is_where_the_builder_was_told() {
    let builder = Bus::isolated().with(shop::cache::update_cache);
    let subscribed = line!() + 1;
    let builder = builder.subscribe("temporary", |_: &StockReserved| {});
    let replaced = line!() + 1;
    let builder = builder.replace(shop::cache::update_cache, |_: &OrderCreated| {});
    let bus = builder.build().unwrap();

    let wiring = bus.wiring();
    let closure = &event(&wiring, "wiring::shop::stock::StockReserved").handlers()[0];
    assert!(closure.is_closure() && !closure.is_replaced() && !closure.is_async());
    assert_eq!(
        (closure.id(), closure.position().line()),
        ("temporary", subscribed)
    );
    assert_eq!(closure.position().file(), file!());
    let replacement = &event(&wiring, "wiring::shop::orders::OrderCreated").handlers()[0];
    assert!(replacement.is_closure() && replacement.is_replaced());
    assert_eq!(replacement.position().line(), replaced);
}

#[test]
fn an_isolated_bus_has_only_what_was_added() {
    let bus = Bus::isolated()
        .with_id("stock.reserve")
        .provide(7_u8)
        .provide_arc::<dyn shop::mail::Mailer>(Arc::new(shop::mail::Smtp))
        .build()
        .unwrap();
    expect![[r"
        Events, each with its handlers in the order in which they run:

        order.rejected                              in wiring::shop::orders
                                                    fail_fast
                                                    as dyn wiring::shop::audit::Auditable
          (no handlers)

        wiring::shop::orders::OrderCreated          async, concurrent, handlers = 1..
                                                    as dyn wiring::shop::audit::Auditable
          stock.reserve                             in wiring::shop::stock
                                                    when = ...
                                                    returns wiring::shop::stock::StockReserved,
                                                            order.rejected

        wiring::shop::stock::StockReserved          async
                                                    as dyn wiring::shop::audit::Tracked
          (no handlers)

        Families of events, each with its handlers:

        dyn wiring::shop::audit::Auditable          of order.rejected, wiring::shop::orders::OrderCreated
          (no handlers)

        dyn wiring::shop::audit::Tracked            async
                                                    of wiring::shop::stock::StockReserved
          (no handlers)

        Resources that the bus provides:

        &dyn wiring::shop::mail::Mailer
        &Arc<dyn wiring::shop::mail::Mailer>
        &u8"]].assert_eq(&bus.wiring().to_string());
}

#[test]
fn what_handles_every_event_brings_none_along() {
    let bus = Bus::isolated().with(shop::audit::count).build().unwrap();
    expect![[r"
        No event has a handler of its own.

        Families of events, each with its handlers:

        dyn AnyEvent                                of every event, in its place by `order`
          wiring::shop::audit::count                order = -10"]]
    .assert_eq(&bus.wiring().to_string());
}

#[test]
fn events_of_one_name_are_told_apart() {
    fn first() -> BusBuilder {
        #[eventful::event]
        struct Twin;
        Bus::isolated().subscribe("first", |_: &Twin| {})
    }
    fn second(builder: BusBuilder) -> BusBuilder {
        #[eventful::event]
        struct Twin;
        builder.subscribe("second", |_: &Twin| {})
    }
    let wiring = second(first()).build().unwrap().wiring();
    let names: Vec<&str> = wiring.events().iter().map(WiredEvent::name).collect();
    assert_eq!(names, ["wiring::Twin", "wiring::Twin #2"]);
    assert_eq!(ids(wiring.events()[0].handlers()), ["first"]);
    assert_eq!(ids(wiring.events()[1].handlers()), ["second"]);
}

#[test]
fn mermaid() {
    expect![[r#"
        flowchart LR
            event0(["order.rejected"])
            event1(["stock.counted#60;#95;#62;"])
            event2(["wiring::Twin"])
            event3(["wiring::Twin #35;2"])
            event4(["wiring::shop::orders::OrderCreated"])
            event5(["wiring::shop::orders::OrderForgotten"])
            event6(["wiring::shop::orders::OrderShipped"])
            event7(["wiring::shop::stock::Changed#60;String#62;"])
            event8(["wiring::shop::stock::Changed#60;u64#62;"])
            event9(["wiring::shop::stock::Moved#60;#95;#62;"])
            event10(["wiring::shop::stock::StockReserved"])
            event11(["every event"])
            handler0["wiring::shop::audit::measure"]
            handler1["wiring::shop::billing::Billing::refund"]
            handler2["wiring::shop::audit::write_line"]
            handler3["wiring::shop::cache::update_cache"]
            handler4["async wiring::shop::mail::send"]
            handler5["stock.reserve"]
            handler6["async wiring::shop::mail::write"]
            handler7["wiring::shop::stock::rename"]
            handler8["wiring::shop::audit::find"]
            handler9["async wiring::shop::audit::track"]
            handler10["async wiring::shop::stock::order_the_same_again"]
            handler11["wiring::shop::audit::count"]
            event0 -->|"1"| handler0
            event0 -->|"2"| handler1
            event0 -->|"3 dyn wiring::shop::audit::Auditable"| handler2
            event1 -->|"dyn wiring::shop::audit::Auditable"| handler2
            event4 -->|"1"| handler0
            event4 -->|"2"| handler3
            event4 -->|"3"| handler4
            event4 -.->|"4"| handler5
            event4 -->|"5 dyn wiring::shop::audit::Auditable"| handler2
            event6 --> handler6
            event7 --> handler7
            event9 -->|"1 dyn wiring::shop::audit::Tracked"| handler8
            event9 -->|"2 dyn wiring::shop::audit::Tracked"| handler9
            event10 -->|"1 dyn wiring::shop::audit::Tracked"| handler8
            event10 -->|"2 dyn wiring::shop::audit::Tracked"| handler9
            event10 -->|"3"| handler10
            event11 --> handler11
            handler5 --> event10
            handler5 --> event0
            handler7 --> event8
            handler10 --> event4
    "#]]
    .assert_eq(&wiring().mermaid());
}

#[test]
fn dot() {
    expect![[r#"
        digraph wiring {
            rankdir=LR
            node [fontname="sans-serif"]
            edge [fontname="sans-serif"]
            event0 [shape=box, style=rounded, label="order.rejected"]
            event1 [shape=box, style=rounded, label="stock.counted<_>"]
            event2 [shape=box, style=rounded, label="wiring::Twin"]
            event3 [shape=box, style=rounded, label="wiring::Twin #2"]
            event4 [shape=box, style=rounded, label="wiring::shop::orders::OrderCreated"]
            event5 [shape=box, style=rounded, label="wiring::shop::orders::OrderForgotten"]
            event6 [shape=box, style=rounded, label="wiring::shop::orders::OrderShipped"]
            event7 [shape=box, style=rounded, label="wiring::shop::stock::Changed<String>"]
            event8 [shape=box, style=rounded, label="wiring::shop::stock::Changed<u64>"]
            event9 [shape=box, style=rounded, label="wiring::shop::stock::Moved<_>"]
            event10 [shape=box, style=rounded, label="wiring::shop::stock::StockReserved"]
            event11 [shape=box, style=rounded, label="every event"]
            handler0 [shape=box, label="wiring::shop::audit::measure"]
            handler1 [shape=box, label="wiring::shop::billing::Billing::refund"]
            handler2 [shape=box, label="wiring::shop::audit::write_line"]
            handler3 [shape=box, label="wiring::shop::cache::update_cache"]
            handler4 [shape=box, label="async wiring::shop::mail::send"]
            handler5 [shape=box, label="stock.reserve"]
            handler6 [shape=box, label="async wiring::shop::mail::write"]
            handler7 [shape=box, label="wiring::shop::stock::rename"]
            handler8 [shape=box, label="wiring::shop::audit::find"]
            handler9 [shape=box, label="async wiring::shop::audit::track"]
            handler10 [shape=box, label="async wiring::shop::stock::order_the_same_again"]
            handler11 [shape=box, label="wiring::shop::audit::count"]
            event0 -> handler0 [label="1"]
            event0 -> handler1 [label="2"]
            event0 -> handler2 [label="3 dyn wiring::shop::audit::Auditable"]
            event1 -> handler2 [label="dyn wiring::shop::audit::Auditable"]
            event4 -> handler0 [label="1"]
            event4 -> handler3 [label="2"]
            event4 -> handler4 [label="3"]
            event4 -> handler5 [label="4", style=dashed]
            event4 -> handler2 [label="5 dyn wiring::shop::audit::Auditable"]
            event6 -> handler6
            event7 -> handler7
            event9 -> handler8 [label="1 dyn wiring::shop::audit::Tracked"]
            event9 -> handler9 [label="2 dyn wiring::shop::audit::Tracked"]
            event10 -> handler8 [label="1 dyn wiring::shop::audit::Tracked"]
            event10 -> handler9 [label="2 dyn wiring::shop::audit::Tracked"]
            event10 -> handler10 [label="3"]
            event11 -> handler11
            handler5 -> event10
            handler5 -> event0
            handler7 -> event8
            handler10 -> event4
        }
    "#]]
    .assert_eq(&wiring().dot());
}

#[cfg(feature = "serde")]
#[test]
fn json() {
    let json = serde_json::to_value(wiring()).unwrap();
    let events = json["events"].as_array().unwrap();
    assert_eq!(events.len(), wiring().events().len());
    let created = events
        .iter()
        .find(|it| it["name"] == "wiring::shop::orders::OrderCreated");
    let created = created.expect("it is there");
    assert_eq!(created["contract"], "1..");
    let handlers = created["handlers"].as_array().unwrap();
    let send = handlers
        .iter()
        .find(|it| it["id"] == "wiring::shop::mail::send")
        .unwrap();
    assert_eq!(send["async"], true);
    assert_eq!(send["resources"][1]["optional"], true);
    assert_eq!(json["cycles"][0][1], "wiring::shop::stock::StockReserved");
}
