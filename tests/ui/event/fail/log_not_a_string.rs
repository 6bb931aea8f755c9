use eventful::event;

#[event(log = debug)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
