#![allow(dead_code, non_camel_case_types, unused_macros)]

use eventful::{event, handler};

/// The names of the prelude and of the expansions, as the user's own.
struct Result;
struct Option;
struct Some;
struct None;
struct Ok;
struct Err;
struct Send;
struct Sync;
struct Sized;
struct Vec;
struct String;
struct Box;
struct Fn;
struct Event;
struct Delivered;
struct PublishError;
struct HandlerEntry;
struct u64;
struct u32;
struct str;
struct bool;

mod core {
    pub(crate) mod marker {}
}
mod std {}
mod alloc {}
mod eventful_core {}

macro_rules! concat {
    ($($tokens:tt)*) => {
        compile_error!("the user's own `concat!`")
    };
}
macro_rules! module_path {
    () => {
        compile_error!("the user's own `module_path!`")
    };
}
const P: u8 = 1;
fn call() {}
fn bind() {}
fn outcome() {}
fn publish() {}

#[event]
struct OrderCreated {
    id: u8,
}

#[event]
struct Changed<T> {
    to: T,
}

struct Cache;

#[handler(OrderCreated, after = call_twice)]
fn update(event: &OrderCreated, cache: ::core::option::Option<&Cache>) {
    let _ = (event.id, cache.is_some());
}

#[handler(OrderCreated)]
fn call_twice(event: &OrderCreated) -> ::core::result::Result<(), ::std::string::String> {
    ::core::result::Result::Err(::std::string::ToString::to_string(&event.id))
}

#[handler(Changed<u8>)]
fn changed(event: &Changed<u8>) {
    let _ = event.to;
}

fn main() {
    let error = OrderCreated { id: P }.publish().unwrap_err();
    assert_eq!(error.delivered().handled(), 2);
    Changed { to: P }.publish().unwrap();
}
