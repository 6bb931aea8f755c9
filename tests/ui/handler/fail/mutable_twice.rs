use eventful::{event, handler};

struct Connection;

#[event(with = mut Connection)]
struct OrderCreated;

#[handler(OrderCreated)]
fn write(_: &OrderCreated, connection: &mut Connection, other: &mut u64) {
    let _ = (connection, other);
}

fn main() {
    let _ = write;
}
