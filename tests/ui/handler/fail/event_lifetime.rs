use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

struct Borrowed<'a> {
    name: &'a str,
}

#[handler(Borrowed<'_>)]
fn update(event: &Borrowed<'_>) {
    let _ = event.name;
}

fn main() {
    update(&Borrowed { name: "a" });
    let _ = OrderCreated { id: 1 };
}
