//! Traits that are the bounds of a builder's methods and of handlers, for reading: user code neither implements them
//! nor calls them.
//!
//! - [`HandOver`]: an event or a `Pending`, which [`hand_over`](crate::Bus::hand_over) takes.
//! - [`Listen`]: an event, or the `dyn Trait` of a family. A handler handles one of them.
//! - [`Outcome`]: a type that a handler may return.
//! - [`Reply`]: a type that a closure given to a [`BusBuilder`](crate::BusBuilder) may return.
//! - [`AsyncClosure`]: an async closure whose future may borrow the event.
//! - [`HandlerFunction`]: a function with `#[handler]`, which [`replace`](crate::BusBuilder::replace) takes.
//!
//! # Examples
//!
//! A generic function that adds a closure to a builder repeats them:
//!
//! ```
//! use eventful::BusBuilder;
//! use eventful::bounds::Listen;
//! use eventful::mode::Sync;
//!
//! fn counting<E: Listen<Mode = Sync> + ?Sized>(builder: BusBuilder) -> BusBuilder {
//!     builder.subscribe("count", |_: &E| println!("one more"))
//! }
//! ```

pub use crate::bus::{AsyncClosure, HandOver, HandlerFunction, Reply};
pub use crate::event::Listen;
pub use crate::outcome::Outcome;
