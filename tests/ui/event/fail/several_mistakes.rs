use eventful::event;

#[event(name = "", fail_fast = true, quick)]
struct OrderCreated<'a> {
    name: &'a str,
}

fn main() {
    let _ = OrderCreated { name: "a" };
}
