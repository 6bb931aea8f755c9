use eventful::{event, handler};

#[event]
struct OrderCreated;

trait Mailer {}

#[handler(OrderCreated)]
fn send(_: &OrderCreated, _: &Box<dyn Mailer>) {}

fn main() {
    let _ = (OrderCreated, send);
}
