use eventful::{event, handler};

struct Connection;

#[event(with = mut Connection)]
struct OrderCreated;

#[handler(OrderCreated)]
fn write(_: &OrderCreated, connection: &mut [u8]) {
    let _ = connection;
}

fn main() {
    let _ = write;
}
