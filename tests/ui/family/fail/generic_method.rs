use eventful::family;

#[family]
trait Auditable {
    fn write<W>(&self, to: &mut W);
}

fn main() {}
