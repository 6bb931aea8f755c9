use eventful::family;

#[family]
pub enum Auditable {}

fn main() {}
