use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated)]
fn update<const N: usize>(event: &OrderCreated) {
    let _ = (event, N);
}

fn main() {
    update::<1>(&OrderCreated { id: 1 });
}
