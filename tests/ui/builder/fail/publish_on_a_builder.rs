use eventful::{Bus, event};

#[event]
struct OrderCreated;

fn main() {
    let bus = Bus::isolated();
    bus.publish(&OrderCreated).ok();
}
