use eventful::event;

#[event(concurrent)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
