use eventful::family;

#[family("audit")]
trait Auditable {}

fn main() {}
