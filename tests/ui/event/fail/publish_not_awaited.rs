#![deny(unused_must_use)]

use eventful::event;

#[event(async)]
struct OrderCreated;

fn main() {
    OrderCreated.publish();
}
