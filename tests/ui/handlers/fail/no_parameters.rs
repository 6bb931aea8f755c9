use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache;

#[handlers]
impl Cache {
    #[handler(OrderCreated)]
    fn update() {
        println!("updated");
    }
}

fn main() {
    Cache::update();
    let _ = Cache;
    let _ = OrderCreated { id: 1 };
}
