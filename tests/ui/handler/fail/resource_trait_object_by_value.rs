use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

trait Mailer: Send + Sync {}

#[handler(OrderCreated)]
fn update(event: &OrderCreated, mailer: Box<dyn Mailer + Send>) {
    let _ = (event, mailer);
}

fn main() {
    let _ = update;
    let _ = OrderCreated { id: 1 };
}
