use eventful::family;

#[family]
trait Auditable {
    fn name() -> String;
}

fn main() {}
