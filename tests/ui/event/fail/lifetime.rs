use eventful::event;

#[event]
struct OrderCreated<'a> {
    name: &'a str,
}

fn main() {
    let _ = OrderCreated { name: "a" };
}
