use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated)]
struct Update;

fn main() {
    let _ = (Update, OrderCreated { id: 1 });
}
