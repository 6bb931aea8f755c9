use eventful::{event, family};

#[family]
trait Auditable {}

#[event(as(dyn Priced))]
struct OrderCreated;

impl Auditable for OrderCreated {}

fn main() {}
