use eventful::{Bus, event};

#[event]
struct OrderCreated {
    id: u64,
}

fn main() {
    let _ = Bus::builder()
        .subscribe("count", |_: OrderCreated| ())
        .build();
}
