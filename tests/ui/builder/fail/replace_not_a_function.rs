use eventful::{Bus, event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated)]
fn update(event: &OrderCreated) {
    let _ = event.id;
}

fn main() {
    let _ = Bus::builder()
        .replace("update", |_: &OrderCreated| ())
        .build();
}
