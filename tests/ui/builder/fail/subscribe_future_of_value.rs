use eventful::{Bus, event};

#[event(async)]
struct OrderCreated {
    id: u64,
}

fn main() {
    let bus = Bus::isolated()
        .subscribe("count", |event: &OrderCreated| {
            let id = event.id;
            async move { id }
        })
        .build();
    drop(bus);
}
