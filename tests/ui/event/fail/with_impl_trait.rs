use eventful::event;

trait Mailer {}

#[event(with = mut impl Mailer)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
