use eventful::{event, handler};

struct Connection;

#[event(with = Connection)]
struct OrderCreated;

#[handler(OrderCreated)]
fn write(_: &OrderCreated, connection: &mut Connection) {
    let _ = connection;
}

fn main() {
    let _ = write;
}
