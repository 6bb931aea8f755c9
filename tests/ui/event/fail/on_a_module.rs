use eventful::event;

#[event]
mod orders {
    pub struct OrderCreated;
}

fn main() {
    let _ = orders::OrderCreated;
}
