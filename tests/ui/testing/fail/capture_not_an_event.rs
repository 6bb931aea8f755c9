use eventful::Bus;
use eventful::testing::Recorder;

#[derive(Clone, Debug)]
struct OrderCreated;

fn main() {
    let recorder = Recorder::new();
    let _ = Bus::isolated().capture::<OrderCreated>(&recorder);
}
