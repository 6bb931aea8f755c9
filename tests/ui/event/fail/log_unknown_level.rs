use eventful::event;

#[event(log = "warning")]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
