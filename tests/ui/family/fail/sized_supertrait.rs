use eventful::family;

#[family]
trait Auditable: Clone {}

fn main() {}
