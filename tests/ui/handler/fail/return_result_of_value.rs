use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated)]
fn update(event: &OrderCreated) -> Result<u64, std::fmt::Error> {
    Ok(event.id)
}

fn main() {
    let _ = update(&OrderCreated { id: 1 });
}
