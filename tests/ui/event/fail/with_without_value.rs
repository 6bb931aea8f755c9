use eventful::event;

struct User;

#[event(with)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
