use eventful::family;

#[family]
trait Auditable<T> {
    fn id(&self) -> T;
}

fn main() {}
