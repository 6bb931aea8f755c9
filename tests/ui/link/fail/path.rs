eventful::link!(eventful::event);

fn main() {}
