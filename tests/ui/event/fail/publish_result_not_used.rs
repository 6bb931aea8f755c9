#![deny(unused_must_use)]

use eventful::event;

#[event]
struct OrderCreated;

fn main() {
    OrderCreated.publish();
}
