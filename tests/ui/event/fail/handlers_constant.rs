use eventful::event;

#[event(handlers = MOST)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
