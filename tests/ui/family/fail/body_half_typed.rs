use eventful::family;

#[family]
trait Auditable {
    fn id(&self) ->
}

fn main() {}
