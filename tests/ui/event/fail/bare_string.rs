use eventful::event;

#[event("order.created")]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
