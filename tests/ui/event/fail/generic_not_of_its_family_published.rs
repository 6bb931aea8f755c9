use eventful::{event, family};

#[family]
trait Auditable {}

#[event(as(dyn Auditable))]
struct Changed<T>(T);

impl Auditable for Changed<u8> {}

fn main() {
    Changed(1_u16).publish().ok();
}
