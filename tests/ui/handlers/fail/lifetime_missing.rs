use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache<'a>(&'a str);

#[handlers]
impl Cache {
    #[handler(OrderCreated)]
    fn update(&self, event: &OrderCreated) {
        let _ = (event, self.0);
    }
}

fn main() {
    Cache("").update(&OrderCreated { id: 1 });
}
