use eventful::{event, handlers};

#[event]
struct OrderCreated;

struct Mailer;

struct Billing;

#[handlers]
impl Billing {
    #[handler(OrderCreated)]
    fn send(&self, _: &Mailer, _: &OrderCreated) {}
}

fn main() {
    Billing.send(&Mailer, &OrderCreated);
}
