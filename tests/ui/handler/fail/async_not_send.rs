use std::rc::Rc;

use eventful::{event, handler};

#[event(async)]
struct OrderCreated {
    id: u64,
}

async fn pause() {}

#[handler(OrderCreated)]
async fn update(event: &OrderCreated) {
    let id = Rc::new(event.id);
    pause().await;
    println!("{id}");
}

fn main() {
    let _ = update(&OrderCreated { id: 1 });
}
