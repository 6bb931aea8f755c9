use eventful::family;

#[family(crate(eventful))]
trait Auditable {}

fn main() {}
