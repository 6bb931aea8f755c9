use eventful::{event, handler};

trait Auditable {
    fn id(&self) -> u64;
}

#[event]
struct OrderCreated {
    id: u64,
}

impl Auditable for OrderCreated {
    fn id(&self) -> u64 {
        self.id
    }
}

trait Stored {
    type Repository;
}

#[handler(OrderCreated, dyn Auditable + Send, OrderCreated, 7, quick, order = 1, OrderPaid)]
fn audit<E: Stored, T>(event: &E, repository: &E::Repository) {
    let _ = (event, repository);
}

fn main() {
    let _ = OrderCreated { id: 1 }.id();
}
