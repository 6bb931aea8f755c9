use eventful::event;

#[event(handlers = 1, handlers = 2)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
