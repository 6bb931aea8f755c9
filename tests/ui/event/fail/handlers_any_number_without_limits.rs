use eventful::event;

#[event(handlers = ..)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
