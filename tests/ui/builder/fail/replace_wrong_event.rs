use eventful::{Bus, event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated)]
fn update(event: &OrderCreated) {
    let _ = event.id;
}

#[event]
struct OrderShipped;

fn main() {
    let _ = Bus::builder()
        .replace(update, |_: &OrderShipped| ())
        .build();
}
