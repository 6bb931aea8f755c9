use eventful::event;

#[event(async, concurrent, fail_fast)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
