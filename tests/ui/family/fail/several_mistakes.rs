use eventful::family;

#[family(quick, crate = "eventful")]
unsafe trait Auditable<T> {
    type Id;
}

fn main() {}
