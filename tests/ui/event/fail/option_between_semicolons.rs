use eventful::event;

#[event(name = "order.created"; fail_fast)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
