use eventful::event;

#[event(async, version = 2)]
struct OrderPlaced;

fn main() {}
