//! Annotate a struct with [`#[event]`](macro@event) and a function with [`#[handler]`](macro@handler): every subscriber
//! in the program is found at link time, checked by the compiler, and called in a fixed order, at the price of a
//! function call.
//!
//! A service method that saves an order and then updates a cache, sends a mail and writes an audit line grows with every
//! requirement, and its tests need all three. With `eventful` the method says *what happened*, and each side effect is a
//! handler of its own, in its own module or crate, that nobody has to register.
//!
//! ```standalone_crate
//! use std::sync::{Arc, Mutex};
//!
//! use eventful::{Bus, event, handler};
//!
//! #[event]
//! pub struct OrderCreated {
//!     pub order_id: u64,
//!     pub user_id: u64,
//! }
//!
//! // In the module of the cache. `&Cache` is a resource: the bus has one.
//! #[handler(OrderCreated)]
//! fn update_cache(event: &OrderCreated, cache: &Cache) {
//!     cache.0.lock().unwrap().push(event.order_id);
//! }
//!
//! // In the module of the notifications. It may fail without harm to the others.
//! #[handler(OrderCreated, after = update_cache)]
//! fn send_notification(event: &OrderCreated, mailer: &dyn Mailer) -> Result<(), MailError> {
//!     mailer.send(event.user_id, "Thank you for your order")
//! }
//!
//! // The service method knows none of them.
//! fn create_order(input: NewOrder) -> Result<Order, Error> {
//!     let order = save_order(input)?;
//!     OrderCreated { order_id: order.id, user_id: order.user_id }
//!         .publish()
//!         .ok(); // each failure is already logged with its handler; the order stands
//!     Ok(order)
//! }
//!
//! fn main() -> Result<(), Error> {
//!     let cache = Arc::new(Cache::default());
//!     Bus::builder()
//!         .provide_arc(Arc::clone(&cache))
//!         .provide_arc::<dyn Mailer>(Arc::new(Outbox))
//!         .build()? // every fault of the wiring, at once
//!         .install()?;
//!
//!     create_order(NewOrder { user_id: 7 })?;
//!     assert_eq!(*cache.0.lock().unwrap(), [1]);
//!     Ok(())
//! }
//! # type Error = Box<dyn std::error::Error>;
//! # #[derive(Default)]
//! # struct Cache(Mutex<Vec<u64>>);
//! # type MailError = std::io::Error;
//! # trait Mailer: Send + Sync { fn send(&self, to: u64, text: &str) -> Result<(), MailError>; }
//! # struct Outbox;
//! # impl Mailer for Outbox { fn send(&self, _: u64, _: &str) -> Result<(), MailError> { Ok(()) } }
//! # struct NewOrder { user_id: u64 }
//! # struct Order { id: u64, user_id: u64 }
//! # fn save_order(input: NewOrder) -> Result<Order, Error> { Ok(Order { id: 1, user_id: input.user_id }) }
//! ```
//!
//! An asynchronous service is as simple. It holds the bus in its state, its events are `#[event(async)]`, and it awaits
//! `publish`; handlers may be `async fn`s:
//!
//! ```standalone_crate
//! use axum::Router;
//! use axum::extract::{Path, State};
//! use axum::http::StatusCode;
//! use axum::routing::post;
//! use eventful::{Bus, event, handler};
//!
//! #[event(async)]
//! struct OrderCreated {
//!     order_id: u64,
//!     user_id: u64,
//! }
//!
//! #[handler(OrderCreated)]
//! async fn send_notification(event: &OrderCreated, mailer: &Mailer) -> Result<(), MailError> {
//!     mailer.send(event.user_id, "Thank you for your order").await
//! }
//!
//! #[derive(Clone)]
//! struct AppState {
//!     bus: Bus,
//! }
//!
//! async fn create_order(State(state): State<AppState>, Path(user_id): Path<u64>) -> StatusCode {
//!     let order_id = save_order(user_id).await;
//!     let event = OrderCreated { order_id, user_id };
//!     state.bus.publish(&event).await.ok(); // each failure is already logged with its handler
//!     StatusCode::CREATED
//! }
//!
//! fn service() -> Result<Router, eventful::WiringError> {
//!     let bus = Bus::builder().provide(Mailer).build()?;
//!     Ok(Router::new().route("/users/{user_id}/orders", post(create_order)).with_state(AppState { bus }))
//! }
//! # struct Mailer;
//! # type MailError = std::io::Error;
//! # impl Mailer { async fn send(&self, _: u64, _: &str) -> Result<(), MailError> { Ok(()) } }
//! # async fn save_order(user_id: u64) -> u64 { user_id + 1 }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), eventful::WiringError> {
//! #     let bus = Bus::builder().provide(Mailer).build()?;
//! #     service()?;
//! #     assert_eq!(create_order(State(AppState { bus }), Path(1)).await, StatusCode::CREATED);
//! #     Ok(())
//! # }
//! ```
//!
//! A test builds the bus that it is about. Nothing is shared with other tests, so all of them run at once:
//!
//! ```standalone_crate
//! # use std::sync::{Arc, Mutex};
//! # use eventful::{Bus, event, handler};
//! # #[event]
//! # pub struct OrderCreated { pub order_id: u64, pub user_id: u64 }
//! # #[derive(Default)]
//! # struct Cache(Mutex<Vec<u64>>);
//! # #[handler(OrderCreated)]
//! # fn update_cache(event: &OrderCreated, cache: &Cache) { cache.0.lock().unwrap().push(event.order_id); }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let cache = Arc::new(Cache::default());
//! let bus = Bus::isolated().with(update_cache).provide_arc(Arc::clone(&cache)).build()?;
//!
//! let delivered = bus.publish(&OrderCreated { order_id: 3, user_id: 7 })?;
//! assert_eq!(delivered.handled(), 1);
//! assert_eq!(*cache.0.lock().unwrap(), [3]);
//!
//! // A handler is also just a function.
//! update_cache(&OrderCreated { order_id: 4, user_id: 7 }, &cache);
//! # Ok(())
//! # }
//! ```
//!
//! # The main types
//!
//! - [`#[event]`](macro@event) makes a struct or an enum an [`Event`] and gives it `publish`.
//! - [`#[handler]`](macro@handler) makes a function a handler of one.
//! - [`#[family]`](macro@family) makes a trait a family of events, which one handler handles all alike.
//! - [`#[handlers]`](macro@handlers) makes methods of a type handlers, with `self` as a resource.
//! - [`link!`] names crates for the linker, so that the handlers in them exist. One call in each crate whose
//!   dependencies carry handlers; without it Rust drops them (see [`guide::not_called`]).
//! - A handler may return events, which are published next: [`guide::returned_events`]. [`AnyEvent`] is what a handler of every
//!   event is given.
//! - [`Pending`] keeps events until the commit.
//! - [`Publishing`] is the publish of an asynchronous event, a future; [`guide::asynchronous`] has all about it.
//! - [`Bus`] delivers, and [`BusBuilder`] puts one together: [`Bus::builder`] with every linked handler,
//!   [`Bus::isolated`] with none, [`Bus::derive`] from another bus.
//! - [`Delivered`], [`PublishError`] and [`Failure`] say what came of a publish; [`WiringError`] what is wrong with a bus.
//! - [`testing::Recorder`] tells a test what was published, and fakes what must not be delivered; [`guide::testing`] shows
//!   how to test an application.
//! - [`Wiring`] shows who handles what, in which order, as a table that a test can compare; see [`guide::wiring`].
//! - [`observe::Observer`] is told of every publish and every handler, from start to end; `TracingSpans` and `Metrics` are
//!   observers.
//! - [`Delivery`] tells a handler what is being delivered, published on which line, and because of what.
//!
//! # Promises
//!
//! 1. **No wiring, and no silence.** A linked handler is found. One that cannot run as declared is an error that names
//!    it, its file and the way out.
//! 2. **Checked as early as possible.** By the compiler where the types allow, else when the bus is built.
//! 3. **Every handler runs, every failure is known.** One handler's error or panic neither stops the others nor is
//!    swallowed, unless the event says `fail_fast`.
//! 4. **The same order every time.** On every publish, run, build and profile; never link order.
//! 5. **The price of a function call.** No lock, no allocation, and no hash but for generic events, on a publish that
//!    succeeds. What is not used costs nothing: observers, captures, guards, returned events.
//!
//! [`guide::guarantees`] has the exact words, [`guide::ordering`] and [`guide::errors`] what they mean in practice,
//! [`guide::comparison`] the alternatives, and [`guide::migrating`] the way from one of them.
//!
//! # What it does not do
//!
//! It delivers inside one process, while `publish` runs or is awaited. It has no broker, no persistence, no retry, no thread
//! of its own and no delivery to other machines. An event that was published just before the process died was delivered as
//! far as the handlers had come.
//!
//! # Targets
//!
//! The target decides how handlers are collected: in link sections by [linkme](https://docs.rs/linkme), which runs nothing
//! before `main`, or by constructors with [inventory](https://docs.rs/inventory). Their order is the same.
//!
//! | target | collected by | state |
//! |---|---|---|
//! | Linux on x86-64 | linkme, or inventory with the feature `inventory` | tested, both |
//! | `wasm32-unknown-unknown` | inventory | tested, in Node.js |
//! | other Linux, Android, macOS, iOS, tvOS, Windows (MSVC), UEFI, FreeBSD, OpenBSD, illumos, Fuchsia | linkme | untested |
//! | other WebAssembly, Windows (GNU), NetBSD, Haiku, Redox, `dragonfly`, `nto`, `vxworks` | inventory | untested |
//! | all others | | do not compile, rather than find no handlers |
//!
//! On WebAssembly the profile needs `lto = "fat"`, and the module's package no crate type but `cdylib`; without them
//! handlers may be missing, and [`Bus::builder`] says so (see [`guide::not_called`]). A panic ends the module, and
//! [`Bus::drained_within`] and the waits of [`testing::Recorder`] panic where there is no clock: await [`Bus::drained`]
//! there.
//!
//! # Features
//!
//! - **`tracing`** (default): each failure and each refused publish is logged once, at error level, under the target
//!   `eventful`. As with all of `tracing`, nothing is seen until the program has a subscriber, such as
//!   `tracing_subscriber::fmt::init()`. Without the feature, failures are only returned.
//! - **`records`** (default): each event, handler and family leaves a [record](guide::wiring#records) in the program's file, for tools
//!   that read the wiring without running the program. Nothing is different at run time.
//! - **`metrics`**: `observe::Metrics`, an observer that counts and times publishes and handlers through the crate `metrics`.
//! - **`tokio`**: `BusBuilder::spawn_on`, which runs detached publishes on a tokio runtime. Nothing else needs it: any
//!   closure can spawn, and awaited publishes run on whatever polls them.
//! - **`serde`**: [`Wiring`] and its parts can be serialized.
//! - **`testing`**: [`testing`], and the methods of [`BusBuilder`] that capture and fake. It is for `[dev-dependencies]`;
//!   see [`guide::testing`].
//! - **`inventory`**: collects handlers by constructors also where link sections work. Where inventory does not work (tvOS,
//!   UEFI, Fuchsia) nothing compiles with it.

pub mod guide;

/// The README's example compiles and runs, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

#[doc = include_str!("guide/event.md")]
pub use eventful_macros::event;
#[doc = include_str!("guide/family.md")]
pub use eventful_macros::family;
#[doc = include_str!("guide/handler.md")]
pub use eventful_macros::handler;
#[doc = include_str!("guide/handlers.md")]
pub use eventful_macros::handlers;
#[doc = include_str!("guide/link.md")]
pub use eventful_macros::link;

#[doc(hidden)]
pub use eventful_core::__private;

// Core looks for it, to see whether the linker has dropped handlers.
const _: () = {
    use eventful_core::__private as __eventful;
    __eventful::register_handler!(__eventful, __eventful::HandlerEntry::sentinel());
};

#[cfg(feature = "testing")]
#[doc(inline)]
pub use eventful_core::testing;
pub use eventful_core::{
    AnyEvent, Bus, BusBuilder, Cause, Delivered, Delivery, DetachError, DetachedTask,
    DrainTimeoutError, Either, Event, Failure, HandlerInfo, InstallError, Pending, PendingError,
    PublishError, Publishing, Refusal, Scoped, WeakBus, WhenFull, Wiring, WiringError, WiringFault,
    mode, wiring,
};
#[doc(inline)]
pub use eventful_core::{bounds, observe};
