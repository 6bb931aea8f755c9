use eventful::{event, handler};

#[event]
enum Order {
    Created,
    Paid,
}

#[handler(Order::Created)]
fn update(_: &Order) {}

fn main() {
    update(&Order::Paid);
    update(&Order::Created);
}
