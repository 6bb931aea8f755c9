use eventful::event;

#[event(crate = "eventful")]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
