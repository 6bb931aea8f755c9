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

#[event]
struct Changed<T>(T);

#[handler(Changed<u8>)]
fn audit<T: Copy>(event: &Changed<T>) {
    let _ = event.0;
}

fn main() {
    let _ = OrderCreated { id: 1 }.id();
}
