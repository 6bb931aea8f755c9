use eventful::family;

#[family]
trait Auditable {
    const NAME: &'static str;
}

fn main() {}
