use eventful::{event, handler};

use std::fmt;

#[event]
struct OrderCreated {
    name: String,
}

#[derive(Debug)]
struct Unknown<'a>(&'a str);

impl fmt::Display for Unknown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl std::error::Error for Unknown<'_> {}

#[handler(OrderCreated)]
fn update(event: &OrderCreated) -> Result<(), Unknown<'_>> {
    Err(Unknown(&event.name))
}

fn main() {
    let _ = update(&OrderCreated {
        name: String::new(),
    });
}
