use eventful::{event, family};

#[family]
trait Auditable {}

#[event(as("Auditable"))]
struct OrderCreated;

impl Auditable for OrderCreated {}

fn main() {}
