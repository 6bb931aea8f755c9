//! The testing kit: recorders, fakes, assertions, and every word of their messages.

mod asking;
mod assertions;
mod faking;
mod handles;
mod recorders;
mod recording;
mod returned;
mod scopes;
mod shop;
mod waiting;

use std::panic::{AssertUnwindSafe, catch_unwind};

use eventful::{Bus, event, handler};

use crate::Trace;

#[event]
#[derive(Clone, Debug, PartialEq)]
struct Created {
    id: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq)]
struct Reserved;

/// Neither `Clone` nor `Debug`.
#[event]
struct Paid {
    amount: u64,
}

#[event]
#[derive(Clone, Debug, PartialEq)]
struct Of<T>(T);

#[event(async)]
#[derive(Clone, Debug, PartialEq)]
struct Shipped {
    id: u64,
}

#[handler(Created)]
fn reserve(event: &Created, bus: &Bus, trace: &Trace) {
    trace.add(format!("reserve {}", event.id));
    bus.publish(&Reserved).unwrap();
}

#[handler(Reserved)]
fn stock(_: &Reserved, trace: &Trace) {
    trace.add("stock");
}

#[handler(Paid)]
fn book(event: &Paid, trace: &Trace) -> Result<(), String> {
    trace.add(format!("book {}", event.amount));
    Err("the books are closed".to_owned())
}

#[handler(Shipped)]
async fn notify(event: &Shipped, trace: &Trace) {
    trace.add(format!("notify {}", event.id));
    tokio::task::yield_now().await;
    Of(event.id).publish().unwrap();
}

/// The message of an assertion that fails.
fn panic_of<R>(body: impl FnOnce() -> R) -> String {
    let Err(payload) = catch_unwind(AssertUnwindSafe(body)) else {
        panic!("it did not panic");
    };
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => (*payload.downcast::<&str>().unwrap()).to_owned(),
    }
}
