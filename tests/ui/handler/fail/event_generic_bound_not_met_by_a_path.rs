use eventful::{event, handler};

trait Auditable {
    fn id(&self) -> u64;
}

#[event]
struct OrderCreated {
    id: u64,
}

impl Auditable for OrderCreated {
    fn id(&self) -> u64 {
        self.id
    }
}

mod shop {
    #[eventful::event]
    pub(crate) struct Changed<T>(pub(crate) T);
}

#[handler(OrderCreated, shop::Changed<u8>)]
fn audit<E: Auditable>(event: &E) {
    let _ = (event.id(), shop::Changed(1).0);
}

fn main() {
    let _ = OrderCreated { id: 1 }.id();
}
