use eventful::event;

#[event(fail_slow)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
