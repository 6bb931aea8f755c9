use eventful::event;
use std::sync::MutexGuard;

#[event]
struct OrderCreated {
    guard: MutexGuard<'static, u64>,
}

fn main() {
    let _ = |guard| OrderCreated { guard };
}
