use framework::{event, handler};

#[event]
pub struct OrderCreated;

#[handler(OrderCreated)]
fn update_cache(_: &OrderCreated) {}
