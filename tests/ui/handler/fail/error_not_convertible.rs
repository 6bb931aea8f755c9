use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

struct Full;

#[handler(OrderCreated)]
fn update(event: &OrderCreated) -> Result<(), Full> {
    let _ = event;
    Err(Full)
}

fn main() {
    let _ = update(&OrderCreated { id: 1 });
}
