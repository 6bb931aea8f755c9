use eventful::family;

#[family]
struct Auditable;

fn main() {}
