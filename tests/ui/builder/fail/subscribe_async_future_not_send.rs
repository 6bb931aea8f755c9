use std::rc::Rc;

use eventful::{Bus, event};

#[event(async)]
struct OrderCreated {
    id: u64,
}

async fn save(_: &u64) {}

fn main() {
    let _ = Bus::builder()
        .subscribe_async("save", async |event: &OrderCreated| {
            let id = Rc::new(event.id);
            save(&id).await;
        })
        .build();
}
