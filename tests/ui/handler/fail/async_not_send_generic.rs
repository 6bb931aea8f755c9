use eventful::{event, handler};

trait Auditable {
    fn id(&self) -> u64;
}

#[event(async)]
struct OrderCreated {
    id: u64,
}

impl Auditable for OrderCreated {
    fn id(&self) -> u64 {
        self.id
    }
}

#[handler(OrderCreated)]
async fn audit<E: Auditable + Sync>(event: &E) {
    let count = std::rc::Rc::new(event.id());
    std::future::ready(()).await;
    drop(count);
}

fn main() {
    let _ = OrderCreated { id: 1 }.id();
}
