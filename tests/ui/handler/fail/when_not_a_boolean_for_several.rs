use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

trait Priced {
    fn total(&self) -> u64 {
        7
    }
}

impl Priced for OrderCreated {}

#[event]
struct Changed<T>(T);

impl<T> Priced for Changed<T> {}

#[handler(OrderCreated, Changed<u8>, when = |event| event.total())]
fn update<E: Priced>(event: &E) {
    let _ = event.total();
}

fn main() {
    let _ = OrderCreated { id: 1 }.id;
}
