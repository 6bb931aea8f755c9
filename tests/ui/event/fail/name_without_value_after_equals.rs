use eventful::event;

#[event(name =)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
