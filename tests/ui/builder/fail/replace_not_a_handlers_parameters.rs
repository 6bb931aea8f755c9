use eventful::{Bus, event};

#[event]
struct OrderCreated {
    id: u64,
}

fn helper() {}

fn main() {
    let _ = Bus::builder()
        .replace(helper, |event: &OrderCreated| drop(event.id))
        .build();
}
