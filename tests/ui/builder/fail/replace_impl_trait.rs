use eventful::{Bus, event};

#[event]
struct OrderCreated {
    id: u64,
}

fn helper(_: &OrderCreated, _: &impl Sized) {}

fn main() {
    let _ = Bus::builder()
        .replace(helper, |_: &OrderCreated| ())
        .build();
}
