use eventful::{event, on_dead};

#[event]
struct OrderCounted;

#[on_dead("count")]
fn tell(_: &OrderCounted) {}

fn main() {}
