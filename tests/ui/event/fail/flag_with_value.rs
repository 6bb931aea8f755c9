use eventful::event;

#[event(fail_fast = true)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
