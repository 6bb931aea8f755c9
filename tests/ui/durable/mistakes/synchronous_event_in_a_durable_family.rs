use eventful::{event, family};

#[family(durable)]
trait Audited {}

impl Audited for OrderCounted {}

#[event(as(dyn Audited))]
struct OrderCounted;

fn main() {}
