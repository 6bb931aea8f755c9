use eventful::family;

#[family]
trait Auditable<'a> {
    fn name(&self) -> &'a str;
}

fn main() {}
