use eventful::event;

trait Auditable {}

#[event(as(dyn Auditable))]
struct OrderCreated;

impl Auditable for OrderCreated {}

fn main() {}
