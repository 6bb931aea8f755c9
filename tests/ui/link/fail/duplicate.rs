eventful::link!(eventful, eventful);

fn main() {}
