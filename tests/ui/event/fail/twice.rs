use eventful::event;

#[event]
#[event]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
