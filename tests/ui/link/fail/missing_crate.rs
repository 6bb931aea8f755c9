eventful::link!(billing);

fn main() {}
