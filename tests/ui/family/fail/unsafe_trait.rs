use eventful::family;

#[family]
unsafe trait Auditable {}

fn main() {}
