use eventful::event;
use std::rc::Rc;

#[event]
struct Changed<T> {
    to: T,
}

fn main() {
    let _ = Changed { to: Rc::new(1) }.publish();
}
