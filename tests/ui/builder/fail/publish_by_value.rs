use eventful::{Bus, event};

#[event]
struct OrderCreated {
    id: u64,
}

fn main() {
    let _ = Bus::isolated()
        .build()
        .unwrap()
        .publish(OrderCreated { id: 1 });
}
