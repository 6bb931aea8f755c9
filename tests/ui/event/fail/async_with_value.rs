use eventful::event;

#[event(async = true)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
