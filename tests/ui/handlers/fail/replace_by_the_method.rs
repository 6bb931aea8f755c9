use eventful::{Bus, event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache;

#[handlers]
impl Cache {
    #[handler(OrderCreated)]
    fn update(&self, event: &OrderCreated) {
        let _ = event;
    }
}

fn main() {
    let _ = Bus::isolated().replace(Cache::update, |event| println!("{}", event.id));
}
