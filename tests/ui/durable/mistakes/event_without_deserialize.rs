use eventful::event;
use serde::Serialize;

#[event(durable, name = "order.placed")]
#[derive(Serialize)]
struct OrderPlaced;

fn main() {}
