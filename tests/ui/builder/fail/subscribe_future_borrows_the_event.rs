use eventful::{Bus, event};

#[event(async)]
struct OrderCreated {
    id: u64,
}

fn main() {
    let bus = Bus::isolated()
        .subscribe("count", async |event: &OrderCreated| drop(event.id))
        .build();
    drop(bus);
}
