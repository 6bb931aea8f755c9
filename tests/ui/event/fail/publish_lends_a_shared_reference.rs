use eventful::{event, handler};

struct User;

#[event(with = mut User)]
struct OrderCreated;

#[handler(OrderCreated)]
fn audit(_: &OrderCreated, user: &mut User) {
    let _ = user;
}

fn main() {
    let _ = OrderCreated.publish(&User);
}
