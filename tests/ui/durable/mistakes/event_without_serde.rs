use eventful::event;

#[event(durable, name = "order.placed")]
struct OrderPlaced {
    order_id: u64,
}

fn main() {}
