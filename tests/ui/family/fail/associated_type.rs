use eventful::family;

#[family]
trait Auditable {
    type Id;

    fn id(&self) -> Self::Id;
}

fn main() {}
