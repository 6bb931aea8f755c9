use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache;

#[handlers]
impl Cache {
    #[handler(OrderCreated)]
    const SIZE: usize = 3;
}

fn main() {
    let _ = Cache::SIZE;
    let _ = Cache;
    let _ = OrderCreated { id: 1 };
}
