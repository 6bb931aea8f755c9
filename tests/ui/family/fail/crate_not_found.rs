use eventful::family;

#[family(crate = nowhere)]
trait Auditable {}

fn main() {}
