use std::rc::Rc;

use eventful::{event, handler};

#[event]
struct OrderCreated;

#[handler(OrderCreated)]
fn greet(_: &OrderCreated, _: &Rc<String>) {}

fn main() {
    greet(&OrderCreated, &Rc::new(String::new()));
}
