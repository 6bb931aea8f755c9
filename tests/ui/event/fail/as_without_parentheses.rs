use eventful::{event, family};

#[family]
trait Auditable {}

#[event(as)]
struct OrderCreated;

impl Auditable for OrderCreated {}

fn main() {}
