use eventful::{Bus, event};

#[event]
struct OrderCreated {
    id: u64,
}

fn main() {
    let _ = Bus::builder()
        .subscribe_async("count", async |event: &OrderCreated| drop(event.id))
        .build();
}
