use eventful::family;

use std::rc::Rc;

#[family]
trait Auditable {}

impl Auditable for Rc<u8> {}

fn main() {}
