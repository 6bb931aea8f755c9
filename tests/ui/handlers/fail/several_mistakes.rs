use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache<T>(T);

#[handlers(quick)]
impl<T> Cache<T> {
    #[handler(OrderCreated, order = "first")]
    fn update(&mut self, event: OrderCreated) {
        let _ = event;
    }

    #[handler(OrderCreated)]
    fn fill(event: &OrderCreated) {
        let _ = event;
    }

    #[handler(OrderCreated)]
    const fn right(&self, event: &OrderCreated) {
        let _ = event;
    }
}

fn main() {
    let _ = Cache(1).0;
    let _ = OrderCreated { id: 1 };
}
