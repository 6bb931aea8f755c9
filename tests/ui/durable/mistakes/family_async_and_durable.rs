use eventful::family;

#[family(async, durable)]
trait Audited {}

fn main() {}
