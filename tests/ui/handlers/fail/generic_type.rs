use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache<T>(T);

#[handlers]
impl<T> Cache<T> {
    #[handler(OrderCreated)]
    fn update(&self, event: &OrderCreated) {
        let _ = (event, &self.0);
    }
}

fn main() {
    Cache(1).update(&OrderCreated { id: 1 });
}
