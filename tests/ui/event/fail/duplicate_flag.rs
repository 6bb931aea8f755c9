use eventful::event;

#[event(fail_fast, fail_fast)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
