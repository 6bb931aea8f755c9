use std::error::Error;
use std::fmt;

use eventful::{Bus, event, handler};

#[event]
struct OrderCreated;

type Outcome = Result<(), &'static str>;

#[handler(OrderCreated)]
fn nothing(_: &OrderCreated) {}

#[handler(OrderCreated)]
#[rustfmt::skip]
fn unit(_: &OrderCreated) -> () {}

#[handler(OrderCreated)]
fn error(_: &OrderCreated) -> Result<(), fmt::Error> {
    Ok(())
}

#[handler(OrderCreated)]
fn boxed(_: &OrderCreated) -> Result<(), Box<dyn Error + Send + Sync>> {
    Ok(())
}

#[handler(OrderCreated)]
fn boxed_static(_: &OrderCreated) -> Result<(), Box<dyn Error + Send + Sync + 'static>> {
    Ok(())
}

#[handler(OrderCreated)]
fn string(_: &OrderCreated) -> std::result::Result<(), String> {
    Err("full".to_owned())?;
    Ok(())
}

#[handler(OrderCreated)]
fn alias(_: &OrderCreated) -> Outcome {
    Err("full")
}

mod search {
    #[eventful::event]
    pub struct Result;
}

#[handler(OrderCreated)]
fn event_with_the_name(_: &OrderCreated) -> search::Result {
    search::Result
}

fn main() {
    let bus = Bus::builder().build().unwrap();
    let error = bus.publish(&OrderCreated).unwrap_err();
    assert_eq!(error.delivered().handled(), 8);
    assert_eq!(error.failures().len(), 2);
}
