use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

struct OrderShipped;

struct Full;

#[handler(OrderShipped, after = nobody)]
fn update(event: &OrderShipped, count: &std::cell::Cell<u64>) -> Result<(), Full> {
    let _ = (event, count);
    Err(Full)
}

fn main() {
    let _ = update(&OrderShipped, &std::cell::Cell::new(1));
    let _ = OrderCreated { id: 1 };
}
