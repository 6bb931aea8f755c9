use eventful::family;

#[family]
#[family(async)]
trait Auditable {}

fn main() {}
