use eventful::event;

#[event(handlers = "1")]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
