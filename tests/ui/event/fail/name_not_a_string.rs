use eventful::event;

#[event(name = order.created)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
