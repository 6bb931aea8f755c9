use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

trait Cache: Send + Sync {}

#[handlers]
impl dyn Cache {
    #[handler(OrderCreated)]
    fn update(&self, event: &OrderCreated) {
        let _ = event;
    }
}

fn main() {
    let _ = OrderCreated { id: 1 };
}
