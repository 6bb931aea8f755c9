#![allow(dead_code, non_camel_case_types, unused_macros)]

use eventful::{event, family, handler};

/// The names of the prelude and of the expansions, as the user's own.
struct Result;
struct Option;
struct Some;
struct None;
struct Send;
struct Sync;
struct Async;
struct Listen;
struct Listened;
struct Membership;
struct Projected;
struct Unnamed;
struct Handled;
struct Events;
struct Future;
struct bool;

mod core {
    pub(crate) mod marker {}
}
mod std {}

fn guard() {}
fn outcome() {}

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

#[family(async)]
trait Auditable {}

#[event(async, as(dyn Auditable), handlers = 1..=9)]
struct OrderCreated;

impl Auditable for OrderCreated {}

#[handler(dyn Auditable, OrderCreated, when = |_| true)]
async fn audit<E: ?Sized>(_: &E) {}

#[handler(dyn Auditable, when = |_| true)]
fn unnamed(_: &(impl Auditable + ?Sized)) {}

fn main() {
    let bus = eventful::Bus::builder().build().unwrap();
    let mut publishing = ::std::pin::pin!(bus.publish(&OrderCreated));
    let mut context = ::std::task::Context::from_waker(::std::task::Waker::noop());
    let poll = ::std::future::Future::poll(publishing.as_mut(), &mut context);
    assert!(
        matches!(poll, ::std::task::Poll::Ready(::std::result::Result::Ok(delivered)) if delivered.handled() == 2)
    );
}
