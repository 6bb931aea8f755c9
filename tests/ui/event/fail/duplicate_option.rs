use eventful::event;

#[event(name = "order.created", name = "order.made")]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
