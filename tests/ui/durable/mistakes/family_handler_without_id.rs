use eventful::{family, handler};

#[family(durable)]
trait Audited {}

#[handler(dyn Audited)]
fn audit(_: &dyn Audited) {}

fn main() {}
