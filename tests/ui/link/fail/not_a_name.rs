eventful::link!(eventful - core);

fn main() {}
