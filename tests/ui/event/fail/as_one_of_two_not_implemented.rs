use eventful::{event, family};

#[family]
trait Auditable {}

#[family]
trait Priced {}

impl Priced for OrderCreated {}

#[event(as(dyn Priced, dyn Auditable))]
struct OrderCreated;

fn main() {}
