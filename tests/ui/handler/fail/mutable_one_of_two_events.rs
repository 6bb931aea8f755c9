use eventful::{event, handler};

struct Connection;

#[event(with = mut Connection)]
struct OrderCreated;

#[event]
struct OrderPaid;

#[handler(OrderCreated, OrderPaid)]
fn write<E>(_: &E, connection: &mut Connection) {
    let _ = connection;
}

fn main() {
    let _ = write::<OrderPaid>;
}
