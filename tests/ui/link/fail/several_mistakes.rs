eventful::link!("eventful", 1, eventful, eventful);

fn main() {}
