use eventful::event;

struct User;

#[event(with(User))]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
