use eventful::event;

struct User(std::cell::Cell<u64>);

#[event(with = User)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
