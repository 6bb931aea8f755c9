use eventful::{event, handler};

#[event]
struct OrderCreated;

struct Mailer;

#[handler(OrderCreated)]
fn send(_: &Mailer, _: &OrderCreated) {}

fn main() {
    send(&Mailer, &OrderCreated);
}
