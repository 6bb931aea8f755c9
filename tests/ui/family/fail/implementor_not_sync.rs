use eventful::family;

use std::cell::Cell;

#[family]
trait Auditable {}

impl Auditable for Cell<u8> {}

fn main() {}
