#![allow(dead_code, non_camel_case_types)]

use eventful::{event, handlers};

/// The names of the prelude and of the expansions, as the user's own.
struct Result;
struct Option;
struct Some;
struct None;
struct Send;
struct Sync;
struct Future;
struct Required;
struct HandlerEntry;
struct str;

mod core {}
mod std {}

fn call() {}
fn outcome() {}

#[event(async)]
struct OrderCreated;

struct Cache;

trait Update {
    fn update(&self, _: &OrderCreated) {
        panic!("the trait's method of the same name");
    }
}

impl Update for Cache {}

#[handlers]
impl Cache {
    #[handler(OrderCreated)]
    fn update(&self, _: &OrderCreated) {}

    #[handler(OrderCreated, after = Self::update)]
    async fn call(&self, _: &OrderCreated) {}
}

fn main() {
    let bus = eventful::Bus::builder().provide(Cache).build().unwrap();
    let mut publishing = ::std::pin::pin!(bus.publish(&OrderCreated));
    let mut context = ::std::task::Context::from_waker(::std::task::Waker::noop());
    let poll = ::std::future::Future::poll(publishing.as_mut(), &mut context);
    assert!(matches!(poll, ::std::task::Poll::Ready(::std::result::Result::Ok(_))));
}
