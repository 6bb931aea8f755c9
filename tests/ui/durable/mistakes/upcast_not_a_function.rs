use eventful::upcast;

#[upcast("order.placed", from = 1)]
struct Lift;

fn main() {}
