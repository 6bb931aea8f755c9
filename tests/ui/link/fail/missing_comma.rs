eventful::link!(billing shipping);

fn main() {}
