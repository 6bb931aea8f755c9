//! A crate of the first edition, with two mistakes.

extern crate eventful;

use eventful::{event, handler};

#[event]
pub struct OrderCreated;

#[event(nme = "order.paid")]
pub struct OrderPaid;

#[handler(OrderCreated)]
pub fn update_cache(_: &OrderCreated, id: u64) {
    drop(id);
}
