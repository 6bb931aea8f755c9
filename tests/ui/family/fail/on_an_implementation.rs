use eventful::family;

trait Auditable {}

#[family]
impl Auditable for u8 {}

fn main() {}
