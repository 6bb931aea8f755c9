use eventful::event;

struct User;

#[event(with = User, with = mut User)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
