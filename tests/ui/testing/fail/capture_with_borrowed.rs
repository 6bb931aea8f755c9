use eventful::testing::Recorder;
use eventful::{Bus, event};

#[event]
struct OrderCreated {
    name: String,
}

fn main() {
    let recorder = Recorder::new();
    let _ = Bus::isolated().capture_with(&recorder, |event: &OrderCreated| event.name.as_str());
}
