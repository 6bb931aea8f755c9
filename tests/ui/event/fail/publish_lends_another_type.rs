use eventful::{event, handler};

struct User;

#[event(with = User)]
struct OrderCreated;

#[handler(OrderCreated)]
fn audit(_: &OrderCreated, user: &User) {
    let _ = user;
}

fn main() {
    let _ = OrderCreated.publish(&"ada");
}
