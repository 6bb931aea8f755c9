use eventful::event;

#[event(crate = elsewhere)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
