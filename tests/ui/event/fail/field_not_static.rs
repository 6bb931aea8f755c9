use eventful::event;

#[event]
struct OrderCreated {
    name: &str,
}

fn main() {
    let _ = OrderCreated { name: "a" };
}
