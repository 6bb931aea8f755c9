use eventful::event;

#[event(handlers = 0..)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
