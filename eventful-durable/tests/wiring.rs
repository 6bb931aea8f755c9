//! The wiring of a program with durable events, from inside and from its file.

#[path = "../../tests/programs/records/file.rs"]
mod file;

use std::env;

use eventful::{Bus, event, family, handler, on_dead};
use expect_test::expect;
use serde::{Deserialize, Serialize};

#[family(durable)]
trait Audited {}

/// An order was placed.
#[event(durable, name = "order.placed", version = 3, key = order_id, handlers = 1.., as(dyn Audited))]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
}

impl Audited for OrderPlaced {}

#[event(durable, name = "stock.reserved")]
#[derive(Serialize, Deserialize)]
struct StockReserved;

/// The connection that handlers in the transaction are lent.
struct Connection;

#[handler(OrderPlaced, in_transaction, order = 7)]
async fn limit(_: &OrderPlaced, _: &mut Connection) {}

#[handler(OrderPlaced, in_transaction, before = limit)]
fn check(_: &OrderPlaced) {}

#[handler(OrderPlaced, id = "a.confirm", retry(attempts = 5), timeout = "30s", when = |event| event.order_id > 0)]
async fn confirm(_: &OrderPlaced, _: &String) {}

#[handler(OrderPlaced, id = "stock.reserve")]
fn reserve(_: &OrderPlaced, _: &mut Connection) -> StockReserved {
    StockReserved
}

#[handler(dyn Audited, id = "audit.write")]
fn write(_: &dyn Audited) {}

#[on_dead("stock.reserve")]
fn tell(_: &OrderPlaced) -> Option<StockReserved> {
    None
}

#[handler(dyn eventful::AnyEvent)]
fn every(_: &dyn eventful::AnyEvent) {}

#[test]
fn the_program_and_its_file_say_the_same() {
    let wiring = Bus::builder().wiring().unwrap();
    let program = file::program(&env::current_exe().unwrap());
    assert_eq!(program.wiring().to_string(), wiring.to_string());
    assert!(program.faults().is_empty(), "{:?}", program.faults());
    expect![[r#"
        Events, each with its handlers in the order in which they run:

        order.placed                                in wiring
                                                    durable, version = 3, key = ..., handlers = 1..
                                                    as dyn wiring::Audited
          wiring::check                             in_transaction, before = limit
          wiring::limit                             async, in_transaction, order = 7
                                                    is lent &mut Connection
          a.confirm                                 in wiring
                                                    async, by itself, retry(attempts = 5), timeout = "30s",
                                                    when = ...
                                                    needs &String
          stock.reserve                             in wiring
                                                    by itself
                                                    is lent &mut Connection
                                                    returns stock.reserved
          audit.write                               via dyn wiring::Audited
          stock.reserve (dead)                      in wiring
                                                    by itself, on the dead letters of stock.reserve
                                                    returns stock.reserved

        stock.reserved                              in wiring
                                                    durable, version = 1
          (no handlers)

        Families of events, each with its handlers:

        dyn wiring::Audited                         durable
                                                    of order.placed
          audit.write                               in wiring
                                                    by itself

        dyn AnyEvent                                of every event, in its place by `order`
          wiring::every"#]].assert_eq(&wiring.to_string());
}

#[test]
fn graphs_tell_durable_events_and_their_handlers_apart() {
    let wiring = Bus::builder().wiring().unwrap();
    expect![[r#"
        flowchart LR
            event0(["durable order.placed"])
            event1(["durable stock.reserved"])
            event2(["every event"])
            handler0["wiring::check, in the transaction"]
            handler1["async wiring::limit, in the transaction"]
            handler2["async a.confirm, by itself"]
            handler3["stock.reserve, by itself"]
            handler4["audit.write, by itself"]
            handler5["stock.reserve #40;dead#41;, by itself"]
            handler6["wiring::every"]
            event0 -->|"1"| handler0
            event0 -->|"2"| handler1
            event0 -.-> handler2
            event0 --> handler3
            event0 -->|"dyn wiring::Audited"| handler4
            event0 --> handler5
            event2 --> handler6
            handler3 --> event1
            handler5 --> event1
    "#]]
    .assert_eq(&wiring.mermaid());
}
