use eventful::event;

trait Auditable {}

#[event(as(dyn eventful::AnyEvent))]
struct OrderCreated;

impl Auditable for OrderCreated {}

fn main() {}
