use eventful::{Bus, event};

#[event(async)]
struct OrderCreated {
    id: u64,
}

fn main() {
    let bus = Bus::isolated().build().unwrap();
    let mut pending = bus.pending();
    pending.push(OrderCreated { id: 1 });
}
