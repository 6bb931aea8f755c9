use eventful::event;

struct User;

#[event(async, concurrent, with = mut User)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
