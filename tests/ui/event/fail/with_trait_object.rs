use eventful::event;

trait Mailer {}

#[event(with = dyn Mailer)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
