use eventful::{event, handler};

struct Connection;

struct Transaction<'a>(&'a mut Connection);

#[event(with = mut Connection)]
struct OrderCreated;

#[handler(OrderCreated)]
fn write(_: &OrderCreated, connection: &mut Transaction<'_>) {
    let _ = connection;
}

fn main() {
    let _ = write;
}
