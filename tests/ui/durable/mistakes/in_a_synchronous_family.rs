use eventful::{event, family};
use serde::{Deserialize, Serialize};

#[family]
trait Audited {}

impl Audited for OrderPlaced {}

#[event(durable, name = "order.placed", as(dyn Audited))]
#[derive(Serialize, Deserialize)]
struct OrderPlaced;

fn main() {}
