use eventful::{Bus, event};

#[event(async)]
struct OrderShipped;

fn ship(bus: &Bus) {
    bus.hand_over(&OrderShipped).ok();
}

fn main() {}
