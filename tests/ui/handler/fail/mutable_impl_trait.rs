use eventful::{event, handler};

#[derive(Debug)]
struct Connection;

#[event(with = mut Connection)]
struct OrderCreated;

#[handler(OrderCreated)]
fn write(_: &OrderCreated, connection: &mut impl std::fmt::Debug) {
    let _ = connection;
}

fn main() {
    write(&OrderCreated, &mut Connection);
}
