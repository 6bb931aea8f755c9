use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache<const SIZE: usize>;

#[handlers]
impl<const SIZE: usize> Cache<SIZE> {
    #[handler(OrderCreated)]
    fn update(&self, event: &OrderCreated) {
        let _ = event;
    }
}

fn main() {
    Cache::<1>.update(&OrderCreated { id: 1 });
}
