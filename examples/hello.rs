//! The whole of eventful in ten lines: `cargo run --example hello`.

use eventful::{event, handler};

#[event]
struct Greeted {
    name: String,
}

#[handler(Greeted)]
fn wave(event: &Greeted) {
    println!("Hello, {}!", event.name);
}

fn main() -> Result<(), eventful::PublishError> {
    Greeted {
        name: String::from("world"),
    }
    .publish()
    .map(drop)
}
