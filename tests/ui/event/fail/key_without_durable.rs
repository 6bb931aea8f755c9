use eventful::event;

#[event(key = order_id)]
struct OrderPlaced {
    order_id: u64,
}

fn main() {}
