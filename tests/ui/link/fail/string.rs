eventful::link!("eventful");

fn main() {}
