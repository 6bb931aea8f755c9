use eventful::{event, family};

#[family]
trait Auditable {}

#[event(as(dyn OrderCreated))]
struct OrderCreated;

impl Auditable for OrderCreated {}

fn main() {}
