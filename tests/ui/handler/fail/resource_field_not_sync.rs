use std::cell::RefCell;
use std::collections::HashMap;

use eventful::{event, handler};

#[event]
struct OrderCreated;

struct Cache {
    names: RefCell<HashMap<u64, String>>,
}

#[handler(OrderCreated)]
fn update(_: &OrderCreated, cache: &Cache) {
    cache.names.borrow_mut().clear();
}

fn main() {
    let _ = (OrderCreated, update);
}
