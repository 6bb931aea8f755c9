use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated)]
fn update<T: Default>(event: &OrderCreated) {
    let _ = (event, T::default());
}

fn main() {
    update::<u8>(&OrderCreated { id: 1 });
}
