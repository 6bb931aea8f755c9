use eventful::{Bus, event};

#[event]
struct OrderCreated {
    id: u64,
}

fn main() {
    let (sender, _receiver) = std::sync::mpsc::channel();
    let _ = Bus::builder()
        .subscribe("keep", move |event: &OrderCreated| drop(sender.send(event)))
        .build();
}
