use eventful::family;

#[family]
fn audit() {}

fn main() {}
