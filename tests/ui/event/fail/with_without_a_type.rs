use eventful::event;

struct User;

#[event(with = mut)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
