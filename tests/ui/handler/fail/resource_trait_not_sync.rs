use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

trait Mailer {}

#[handler(OrderCreated)]
fn update(event: &OrderCreated, mailer: &dyn Mailer) {
    let _ = (event, mailer);
}

fn main() {
    let _ = update;
    let _ = OrderCreated { id: 1 };
}
