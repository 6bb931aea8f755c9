use std::rc::Rc;

use eventful::{Bus, event};

#[event(async)]
struct OrderCreated {
    id: u64,
}

fn main() {
    let bus = Bus::isolated()
        .subscribe("count", |event: &OrderCreated| {
            let id = Rc::new(event.id);
            async move { drop(id) }
        })
        .build();
    drop(bus);
}
