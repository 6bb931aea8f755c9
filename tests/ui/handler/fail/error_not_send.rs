use eventful::{event, handler};

use std::error::Error;

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated)]
fn update(event: &OrderCreated) -> Result<(), Box<dyn Error>> {
    let _ = event.id;
    Ok(())
}

fn main() {
    let _ = update(&OrderCreated { id: 1 });
}
