use std::cell::Cell;

use eventful::Bus;

fn main() {
    let _ = Bus::builder().provide(Cell::new(1)).build();
}
