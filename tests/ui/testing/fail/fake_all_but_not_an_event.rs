use eventful::testing::Recorder;
use eventful::{Bus, event};

#[event]
struct OrderCreated;

struct OrderPaid;

fn main() {
    let recorder = Recorder::new();
    let _ = Bus::isolated().fake_all_but::<(OrderCreated, OrderPaid)>(&recorder);
}
