use eventful::event;
use serde::{Deserialize, Serialize};

#[event(durable, name = "order.changed")]
#[derive(Serialize, Deserialize)]
struct Changed<T>(T);

fn main() {}
