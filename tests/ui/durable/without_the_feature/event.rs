use eventful::event;

#[event(durable, name = "order.placed")]
struct OrderPlaced;

fn main() {}
