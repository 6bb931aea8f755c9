#![deny(warnings)]

use eventful::{Bus, event, handler};

#[event]
struct OrderCreated;

mod elsewhere {
    pub use eventful::*;
}

#[handler(OrderCreated, order = -2147483648)]
fn lowest(_: &OrderCreated) {}

#[handler(OrderCreated, order = 2_147_483_647i32)]
fn highest(_: &OrderCreated) {}

#[handler(OrderCreated, order = 0x10, before = highest, after = [lowest, "billing.charge"])]
fn between(_: &OrderCreated) {}

#[handler(OrderCreated, id = "billing.charge", crate = elsewhere)]
fn charge(_: &OrderCreated) {}

#[handler(OrderCreated, after = [], before = [between,])]
fn lists(_: &OrderCreated) {}

#[handler(order = 1)]
fn without_an_event(_: &OrderCreated) {}

/// Documentation stays.
#[must_use]
#[inline(never)]
#[handler(OrderCreated, after = self::charge)]
#[deprecated = "attributes before and after stay too"]
fn attributes(_: &OrderCreated) -> Result<(), String> {
    Ok(())
}

fn main() {
    let bus = Bus::builder().build().unwrap();
    bus.publish(&OrderCreated).unwrap();
    let ids = bus
        .handlers::<OrderCreated>()
        .iter()
        .map(|handler| handler.id().rsplit("::").next());
    let ids: Vec<_> = ids.flatten().collect();
    assert_eq!(
        ids,
        [
            "lowest",
            "billing.charge",
            "lists",
            "attributes",
            "without_an_event",
            "between",
            "highest"
        ]
    );
}
