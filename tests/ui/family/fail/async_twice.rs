use eventful::family;

#[family(async, async)]
trait Auditable {}

fn main() {}
