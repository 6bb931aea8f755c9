use eventful::{event, handler};

struct Connection;

#[event(async)]
struct OrderCreated;

#[handler(OrderCreated)]
async fn write(_: &OrderCreated, connection: &mut Connection) {
    let _ = connection;
}

fn main() {
    let _ = write;
}
