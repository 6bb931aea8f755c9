use std::sync::Arc;

use eventful::{Bus, event};

#[event(async)]
struct OrderCreated {
    id: u64,
}

struct Database;

impl Database {
    async fn save(&self, _: &u64) {}
}

fn main() {
    let database = Arc::new(Database);
    let _ = Bus::builder()
        .subscribe("save", async move |event: &OrderCreated| {
            database.save(&event.id).await;
        })
        .build();
}
