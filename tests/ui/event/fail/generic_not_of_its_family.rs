use eventful::{event, family, handler};

#[family]
trait Auditable {}

#[event(as(dyn Auditable))]
struct Changed<T>(T);

impl Auditable for Changed<u8> {}

#[handler(Changed<u16>)]
fn update(event: &Changed<u16>) {
    let _ = event.0;
}

fn main() {
    update(&Changed(1));
}
