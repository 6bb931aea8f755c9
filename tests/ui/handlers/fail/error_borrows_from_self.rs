use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache(String);

#[handlers]
impl Cache {
    #[handler(OrderCreated)]
    fn update(&self, event: &OrderCreated) -> Result<(), &str> {
        let _ = event;
        Err(&self.0)
    }
}

fn main() {
    let _ = Cache(String::new()).update(&OrderCreated { id: 1 });
}
