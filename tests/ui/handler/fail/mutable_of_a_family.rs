use eventful::{event, handler};

struct Connection;

#[event(with = mut Connection, as(dyn Audited))]
struct OrderCreated;

#[eventful::family]
trait Audited {}

impl Audited for OrderCreated {}

#[handler(dyn Audited)]
fn write(_: &dyn Audited, connection: &mut Connection) {
    let _ = connection;
}

fn main() {
    let _ = write;
}
