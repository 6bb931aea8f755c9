use eventful::family;

#[family(concurrent)]
trait Auditable {}

fn main() {}
