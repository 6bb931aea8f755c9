use eventful::event;

#[event(handlers = 2..2)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
