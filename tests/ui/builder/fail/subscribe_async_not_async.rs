use eventful::{Bus, event};

#[event(async)]
struct OrderCreated {
    id: u64,
}

fn main() {
    let _ = Bus::builder()
        .subscribe_async("count", |event: &OrderCreated| drop(event.id))
        .build();
}
