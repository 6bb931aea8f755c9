use eventful::family;

#[family]
trait Auditable {
    fn next(&self) -> Self;
}

fn main() {}
