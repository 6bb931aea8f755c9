use eventful::event;

struct User;

#[event(with = &mut User)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
