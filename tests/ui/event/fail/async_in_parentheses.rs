use eventful::event;

#[event(async())]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
