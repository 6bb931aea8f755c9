use eventful::family;

#[family(async = true)]
trait Auditable {}

fn main() {}
