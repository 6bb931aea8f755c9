use eventful::{Bus, event};

#[event]
struct OrderCreated {
    id: u64,
}

fn main() {
    let bus = Bus::isolated()
        .subscribe("count", |event: &OrderCreated| {
            let id = event.id;
            async move { drop(id) }
        })
        .build();
    drop(bus);
}
