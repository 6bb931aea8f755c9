use std::rc::Rc;

use eventful::Bus;

struct Cache;

fn main() {
    let _ = Bus::isolated().provide(Rc::new(Cache)).build();
}
