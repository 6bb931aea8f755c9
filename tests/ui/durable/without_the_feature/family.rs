use eventful::family;

#[family(durable)]
trait Audited {}

fn main() {}
