use eventful::testing::Recorder;
use eventful::{Bus, event};

#[event]
#[derive(Debug)]
struct OrderCreated;

fn main() {
    let recorder = Recorder::new();
    let _ = Bus::isolated().capture::<OrderCreated>(&recorder);
}
