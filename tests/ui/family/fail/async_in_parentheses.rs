use eventful::family;

#[family(async())]
trait Auditable {}

fn main() {}
