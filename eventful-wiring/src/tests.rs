//! The formats, with data that is made up.

mod made_up;

use expect_test::{Expect, expect};

use self::made_up::{event, handler, shop, texts};
use super::{WiredHandler, Wiring};

#[test]
fn the_table_has_everything_but_lines_of_sources() {
    check(
        &shop().to_string(),
        &expect![[r#"
            Events, each with its handlers in the order in which they run:

            order.rejected                              in shop::orders
                                                        fail_fast
                                                        as dyn shop::audit::Auditable
              shop::audit::write_audit_line             via dyn shop::audit::Auditable
              billing.refund                            in shop::billing
                                                        replaced by a closure
              temporary "one"                           a closure

            shop::orders::OrderCreated                  async, concurrent, handlers = 1..
                                                        as dyn shop::audit::Auditable,
                                                           dyn shop::metrics::Measured
              shop::cache::update_cache
              shop::notifications::send_notification    async, after = update_cache, before = "billing.charge"
                                                        needs &dyn Mailer, Option<&Metrics>,
                                                              &Arc<HashMap<String, u64>>
              shop::audit::write_audit_line             via dyn shop::audit::Auditable
              shop::stock::reserve                      when = ...
                                                        needs Option<&Clock> (nothing provides it)
                                                        returns shop::stock::StockReserved, order.rejected

            shop::stock::StockReserved                  async, with = mut Connection
              shop::stock::a_handler_with_a_rather_long_name
                                                        is lent &mut Connection
                                                        returns shop::orders::OrderCreated

            shop::store::Created<String>
              (no handlers)

            Families of events, each with its handlers:

            dyn shop::audit::Auditable                  of order.rejected, shop::orders::OrderCreated
              shop::audit::write_audit_line             needs &Log

            dyn shop::metrics::Measured                 async
                                                        of shop::orders::OrderCreated
              (no handlers)

            dyn AnyEvent                                of every event, in its place by `order`
              shop::log::log_all                        order = -10

            Resources that the bus provides:

            &dyn shop::mail::Mailer
            &Arc<dyn shop::mail::Mailer>
            &shop::metrics::Metrics

            Cycles of events that cause each other:

            shop::orders::OrderCreated -> shop::stock::StockReserved -> shop::orders::OrderCreated"#]],
    );
}

#[test]
fn the_alternate_table_has_the_lines_of_sources() {
    check(
        &format!("{:#}", shop()),
        &expect![[r#"
            Events, each with its handlers in the order in which they run:

            order.rejected                              at src/orders.rs:20:4
                                                        fail_fast
                                                        as dyn shop::audit::Auditable
              shop::audit::write_audit_line             via dyn shop::audit::Auditable
              billing.refund                            at src/billing.rs:40:4
                                                        replaced by a closure
              temporary "one"                           at src/main.rs:41:4
                                                        a closure

            shop::orders::OrderCreated                  at src/orders.rs:5:4
                                                        async, concurrent, handlers = 1..
                                                        as dyn shop::audit::Auditable,
                                                           dyn shop::metrics::Measured
              shop::cache::update_cache                 at src/cache.rs:7:4
              shop::notifications::send_notification    at src/notifications.rs:12:4
                                                        async, after = update_cache, before = "billing.charge"
                                                        needs &dyn Mailer, Option<&Metrics>,
                                                              &Arc<HashMap<String, u64>>
              shop::audit::write_audit_line             via dyn shop::audit::Auditable
              shop::stock::reserve                      at src/stock.rs:30:4
                                                        when = ...
                                                        needs Option<&Clock> (nothing provides it)
                                                        returns shop::stock::StockReserved, order.rejected

            shop::stock::StockReserved                  at src/stock.rs:8:4
                                                        async, with = mut Connection
              shop::stock::a_handler_with_a_rather_long_name
                                                        at src/stock.rs:50:4
                                                        is lent &mut Connection
                                                        returns shop::orders::OrderCreated

            shop::store::Created<String>                at src/store.rs:60:4
              (no handlers)

            Families of events, each with its handlers:

            dyn shop::audit::Auditable                  at src/audit.rs:2:4
                                                        of order.rejected, shop::orders::OrderCreated
              shop::audit::write_audit_line             at src/audit.rs:9:4
                                                        needs &Log

            dyn shop::metrics::Measured                 at src/metrics.rs:2:4
                                                        async
                                                        of shop::orders::OrderCreated
              (no handlers)

            dyn AnyEvent                                of every event, in its place by `order`
              shop::log::log_all                        at src/log.rs:3:4
                                                        order = -10

            Resources that the bus provides:

            &dyn shop::mail::Mailer                     at src/main.rs:70:4
            &Arc<dyn shop::mail::Mailer>                at src/main.rs:70:4
            &shop::metrics::Metrics                     at src/main.rs:70:4

            Cycles of events that cause each other:

            shop::orders::OrderCreated -> shop::stock::StockReserved -> shop::orders::OrderCreated"#]],
    );
}

#[test]
fn the_table_is_at_most_a_hundred_columns_wide_where_names_let_it() {
    for line in format!("{}\n{:#}", shop(), shop()).lines() {
        assert!(line.chars().count() <= 100, "{line}");
        assert_eq!(line, line.trim_end());
    }
}

#[test]
fn a_long_cycle_goes_on_in_the_next_line() {
    let names: Vec<String> = (0..9)
        .map(|number| format!("shop::orders::Event{number}"))
        .collect();
    let events = names.iter().enumerate().map(|(number, name)| {
        let returning = WiredHandler {
            returns: vec![names[(number + 1) % names.len()].clone()],
            ..handler("shop::go_on", 1)
        };
        event(name, 1, vec![returning])
    });
    let table = Wiring::new(events.collect(), Vec::new()).to_string();
    let (_, cycles) = table.split_once("each other:\n\n").unwrap();
    check(
        cycles,
        &expect![[r"
        shop::orders::Event0 -> shop::orders::Event1 -> shop::orders::Event2 -> shop::orders::Event3 ->
          shop::orders::Event4 -> shop::orders::Event5 -> shop::orders::Event6 -> shop::orders::Event7 ->
          shop::orders::Event8 -> shop::orders::Event0"]],
    );
}

#[test]
fn a_wiring_of_nothing_says_so() {
    let wiring = Wiring::new(Vec::new(), Vec::new());
    assert_eq!(
        wiring.to_string(),
        "There are no events and no handlers. Those in crates that only Cargo.toml names need `eventful::link!()`."
    );
    assert_eq!(wiring.mermaid(), "flowchart LR\n");
}

#[test]
fn cascades_and_cycles() {
    let shop = shop();
    let cascades: Vec<String> = shop
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
    check(
        &cascades.join("\n"),
        &expect![[r"
        shop::orders::OrderCreated -> shop::stock::reserve -> shop::stock::StockReserved
        shop::orders::OrderCreated -> shop::stock::reserve -> order.rejected
        shop::stock::StockReserved -> shop::stock::a_handler_with_a_rather_long_name -> shop::orders::OrderCreated"]],
    );
    assert_eq!(
        shop.cycles(),
        [["shop::orders::OrderCreated", "shop::stock::StockReserved"]]
    );
}

#[test]
fn mermaid() {
    check(
        &shop().mermaid(),
        &expect![[r#"
        flowchart LR
            event0(["order.rejected"])
            event1(["shop::orders::OrderCreated"])
            event2(["shop::stock::StockReserved"])
            event3(["shop::store::Created#60;String#62;"])
            event4(["every event"])
            handler0["shop::audit::write_audit_line"]
            handler1["billing.refund"]
            handler2["temporary #34;one#34;"]
            handler3["shop::cache::update_cache"]
            handler4["async shop::notifications::send_notification"]
            handler5["shop::stock::reserve"]
            handler6["shop::stock::a_handler_with_a_rather_long_name"]
            handler7["shop::log::log_all"]
            event0 -->|"1 dyn shop::audit::Auditable"| handler0
            event0 -->|"2"| handler1
            event0 -->|"3"| handler2
            event1 -->|"1"| handler3
            event1 -->|"2"| handler4
            event1 -->|"3 dyn shop::audit::Auditable"| handler0
            event1 -.->|"4"| handler5
            event2 --> handler6
            event4 --> handler7
            handler5 --> event2
            handler5 --> event0
            handler6 --> event1
    "#]],
    );
}

#[test]
fn dot() {
    check(
        &shop().dot(),
        &expect![[r#"
        digraph wiring {
            rankdir=LR
            node [fontname="sans-serif"]
            edge [fontname="sans-serif"]
            event0 [shape=box, style=rounded, label="order.rejected"]
            event1 [shape=box, style=rounded, label="shop::orders::OrderCreated"]
            event2 [shape=box, style=rounded, label="shop::stock::StockReserved"]
            event3 [shape=box, style=rounded, label="shop::store::Created<String>"]
            event4 [shape=box, style=rounded, label="every event"]
            handler0 [shape=box, label="shop::audit::write_audit_line"]
            handler1 [shape=box, label="billing.refund"]
            handler2 [shape=box, label="temporary \"one\""]
            handler3 [shape=box, label="shop::cache::update_cache"]
            handler4 [shape=box, label="async shop::notifications::send_notification"]
            handler5 [shape=box, label="shop::stock::reserve"]
            handler6 [shape=box, label="shop::stock::a_handler_with_a_rather_long_name"]
            handler7 [shape=box, label="shop::log::log_all"]
            event0 -> handler0 [label="1 dyn shop::audit::Auditable"]
            event0 -> handler1 [label="2"]
            event0 -> handler2 [label="3"]
            event1 -> handler3 [label="1"]
            event1 -> handler4 [label="2"]
            event1 -> handler0 [label="3 dyn shop::audit::Auditable"]
            event1 -> handler5 [label="4", style=dashed]
            event2 -> handler6
            event4 -> handler7
            handler5 -> event2
            handler5 -> event0
            handler6 -> event1
        }
    "#]],
    );
}

#[test]
fn labels_of_graphs_are_quoted() {
    let strange = "a\"];\\ <b>&amp; #quot; `c` |d| _e_f end\n%% --> 日本";
    let wiring = Wiring::new(
        vec![event(strange, 1, vec![handler(strange, 2)])],
        Vec::new(),
    );
    check(
        &wiring.mermaid(),
        &expect![[r#"
        flowchart LR
            event0(["a#34;#93;#59;#92; #60;b#62;#38;amp#59; #35;quot#59; #96;c#96; #124;d#124; #95;e_f end#92;n#37;#37; #45;#45;#62; #26085;#26412;"])
            handler0["a#34;#93;#59;#92; #60;b#62;#38;amp#59; #35;quot#59; #96;c#96; #124;d#124; #95;e_f end#92;n#37;#37; #45;#45;#62; #26085;#26412;"]
            event0 --> handler0
    "#]],
    );
    check(
        &wiring.dot(),
        &expect![[r#"
        digraph wiring {
            rankdir=LR
            node [fontname="sans-serif"]
            edge [fontname="sans-serif"]
            event0 [shape=box, style=rounded, label="a\"];\\ <b>&amp;amp; #quot; `c` |d| _e_f end\\n%% --> 日本"]
            handler0 [shape=box, label="a\"];\\ <b>&amp;amp; #quot; `c` |d| _e_f end\\n%% --> 日本"]
            event0 -> handler0
        }
    "#]],
    );
    check(
        &wiring.to_string(),
        &expect![[r#"
        Events, each with its handlers in the order in which they run:

        a"];\ <b>&amp; #quot; `c` |d| _e_f end\n%% --> 日本
                                                    in shop::orders
          a"];\ <b>&amp; #quot; `c` |d| _e_f end\n%% --> 日本
                                                    in shop::billing"#]],
    );
}

#[test]
fn a_handler_of_several_events_is_one_node_of_the_graph() {
    let audit = || handler("shop::audit", 1);
    let answering = WiredHandler {
        returns: texts(&["A"]),
        ..audit()
    };
    let wiring = Wiring::new(
        vec![
            event("A", 1, vec![audit()]),
            event("B", 1, vec![audit()]),
            event("C", 1, vec![answering]),
        ],
        Vec::new(),
    );
    check(
        &wiring.mermaid(),
        &expect![[r#"
        flowchart LR
            event0(["A"])
            event1(["B"])
            event2(["C"])
            handler0["shop::audit"]
            handler1["shop::audit"]
            event0 --> handler0
            event1 --> handler0
            event2 --> handler1
            handler1 --> event0
    "#]],
    );
}

#[cfg(feature = "serde")]
#[test]
fn json_has_the_shape_that_is_documented() {
    use self::made_up::{family, provided, resource};
    use super::{EventMode, WiredEvent};

    let handler = WiredHandler {
        constraints: texts(&["after = update_cache"]),
        is_guarded: true,
        resources: vec![resource("&dyn Mailer", "dyn shop::mail::Mailer")],
        lent: texts(&["&mut Connection"]),
        returns: texts(&["shop::orders::OrderCreated"]),
        family: Some("dyn shop::audit::Auditable".to_owned()),
        ..handler("shop::mail::send", 7)
    };
    let event = WiredEvent {
        mode: EventMode::Async,
        families: texts(&["dyn shop::audit::Auditable"]),
        contract: Some("1..".to_owned()),
        with: Some("mut Connection".to_owned()),
        ..event("shop::orders::OrderCreated", 5, vec![handler])
    };
    let family = family(
        "dyn shop::audit::Auditable",
        &["shop::orders::OrderCreated"],
        Vec::new(),
    );
    let provided = provided("dyn shop::mail::Mailer");
    let wiring = Wiring::new(vec![event], vec![family]).with_resources(vec![provided]);
    let json = serde_json::to_string_pretty(&wiring).unwrap();
    expect_test::expect_file!["shape.json"].assert_eq(&format!("{json}\n"));
}

fn check(actual: &str, expected: &Expect) {
    expected.assert_eq(actual);
}
