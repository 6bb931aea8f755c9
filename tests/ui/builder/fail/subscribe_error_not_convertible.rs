use eventful::{Bus, event};

#[event]
struct OrderCreated;

struct Full;

fn main() {
    let _ = Bus::isolated()
        .subscribe("full", |_: &OrderCreated| Err::<(), _>(Full))
        .build();
}
