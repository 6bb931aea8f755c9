use eventful::event;

#[event(handlers = 3..=1)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
