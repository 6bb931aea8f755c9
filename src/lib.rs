//! Annotate a struct with [`#[event]`](macro@event) and a function with [`#[handler]`](macro@handler): every handler in
//! the program is found at link time, checked by the compiler, and called in a fixed order, at the price of a function
//! call.
//!
//! ```toml
//! [dependencies]
//! eventful = { package = "eventful-framework", path = "path/to/eventful" } # not on a registry yet
//!
//! [dev-dependencies]
//! eventful = { package = "eventful-framework", path = "path/to/eventful", features = ["testing"] }
//! ```
//!
//! A service method that saves an order, updates a cache, sends a mail and writes an audit line grows with every
//! requirement, and its tests need all of these. With `eventful` the method only says *that the order was created*.
//! Each side effect is a handler in its own module or crate, and nobody registers it.
//!
//! ```standalone_crate
//! use std::sync::{Arc, Mutex};
//!
//! use eventful::{event, handler};
//!
//! #[event]
//! pub struct OrderCreated {
//!     pub order_id: u64,
//!     pub user_id: u64,
//! }
//!
//! // In the module of the cache. The bus provides the resource `&Cache`.
//! #[handler(OrderCreated)]
//! fn update_cache(event: &OrderCreated, cache: &Cache) {
//!     cache.0.lock().unwrap().push(event.order_id);
//! }
//!
//! // In the module of the notifications. If it fails, the other handlers run all the same.
//! #[handler(OrderCreated, after = update_cache)]
//! fn send_notification(event: &OrderCreated, mailer: &dyn Mailer) -> Result<(), MailError> {
//!     mailer.send(event.user_id, "Thank you for your order")
//! }
//!
//! // The service method names neither of them.
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
//!     eventful::bus!()
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
//! # The model
//!
//! 1. An *event* is a value that says what happened.
//! 2. A *handler* is a function that takes one event by reference, and the *resources* that it needs.
//! 3. A *bus* has handlers, most often all that the program links, and their resources; building it finds every fault.
//! 4. To *publish* an event is to call each of its handlers, in one fixed order; all have run when `publish` returns.
//! 5. The publisher gets the number of handlers that ran, or an error with each failure.
//!
//! # Asynchronous events
//!
//! An asynchronous service holds the bus in its state and awaits `publish`. Its events are `#[event(async)]`, and its
//! handlers may be `async fn`s:
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
//!     let bus = eventful::bus!().provide(Mailer).build()?;
//!     Ok(Router::new().route("/users/{user_id}/orders", post(create_order)).with_state(AppState { bus }))
//! }
//! # struct Mailer;
//! # type MailError = std::io::Error;
//! # impl Mailer { async fn send(&self, _: u64, _: &str) -> Result<(), MailError> { Ok(()) } }
//! # async fn save_order(user_id: u64) -> u64 { user_id + 1 }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), eventful::WiringError> {
//! #     let bus = eventful::bus!().provide(Mailer).build()?;
//! #     service()?;
//! #     assert_eq!(create_order(State(AppState { bus }), Path(1)).await, StatusCode::CREATED);
//! #     Ok(())
//! # }
//! ```
//!
//! # Tests
//!
//! A test builds a bus of its own. It shares nothing with other tests, so all of them run at once:
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
//! # Everyday types
//!
//! - [`#[event]`](macro@event) makes a struct or an enum an event and gives it `publish`.
//! - [`#[handler]`](macro@handler) makes a function a handler of an event.
//! - [`Bus`] delivers events. [`Bus::builder`] begins with every linked handler, [`Bus::isolated`] with none.
//! - [`BusBuilder`] takes handlers and resources, and builds a bus; a process with one of several roles chooses its
//!   handlers by [`Subscription`].
//! - [`bus!`] is the builder of the program's bus, and links the crates that contain handlers: Rust drops those that
//!   only Cargo.toml names (see [`guide::not_called`]). [`link!`] links them where no bus is built.
//! - [`Delivered`] and [`PublishError`] are the two results of a publish.
//!
//! # When you need them
//!
//! - [`#[handlers]`](macro@handlers) makes methods of a type handlers, with `self` as a resource.
//! - [`#[family]`](macro@family) makes a trait a family of events, which one handler handles alike. Every event that is
//!   not durable belongs to the family [`AnyEvent`].
//! - [`Delivery`] tells a handler which event it handles, and its [`Cause`].
//! - [`Failure`] is a handler that failed, and [`Refusal`] the reason why an event was not delivered.
//! - [`Either`] is the result of a handler that returns one event or another: [`guide::returned_events`].
//! - [`Publishing`] is the future of an asynchronous publish, [`PublishingWith`] that of one that lends something to its
//!   handlers, and [`Scoped`] one with a bus of its own: [`guide::asynchronous`].
//! - [`HandedOver`], [`HandOverTask`] and [`WhenFull`] are for events that are handed over: their handlers outlive the
//!   request.
//! - [`Pending`] keeps events until a commit.
//! - [`WeakBus`] is for a service that publishes on the bus of which it is a resource.
//! - [`WiringError`] has every fault of a bus that cannot be built, and [`InstallError`] says that one is installed.
//! - [`Wiring`] lists every event with its handlers, as a table that a test can compare: [`guide::wiring`].
//! - [`HandlerInfo`] has the id and the position of a handler.
//! - [`observe::Observer`] sees every publish and every handler from start to end; `TracingSpans` and `Metrics` are
//!   observers.
//! - [`bounds`] has the traits that generic code over events and handlers names, and [`mode`] the two modes of events.
//! - [`testing::Recorder`] records and fakes events in a test (feature `testing`): [`guide::testing`].
//!
//! # The guide
//!
//! | chapter | subject |
//! |---|---|
//! | [guarantees](guide::guarantees) | the guarantees of a publish, and their limits |
//! | [ordering](guide::ordering) | the order in which handlers run, and how to choose it |
//! | [returned events](guide::returned_events) | processes as chains of events |
//! | [errors](guide::errors) | failures, panics and cancellation |
//! | [asynchronous](guide::asynchronous) | publishes that are awaited, cancelled or handed over |
//! | [durable events](guide::durable) | events that are delivered after a commit, with retries (feature `durable`) |
//! | [guarantees of durable events](guide::durable_guarantees) | each of them, its limits, and the tests that hold it |
//! | [SQLite](guide::sqlite) | durable events in a file: pools, power cuts, backups, views (feature `sqlite`) |
//! | [PostgreSQL](guide::postgres) | durable events for several replicas: roles, connections, failover (feature `postgres`) |
//! | [migrating to durable events](guide::durable_migrating) | from an outbox table, a job queue, another framework |
//! | [from async to durable](guide::durable_from_async) | the places that change, as the compiler lists them |
//! | [a handler that may run twice](guide::durable_twice) | three recipes, and the tests that show them |
//! | [compile errors of durable events](guide::durable_errors) | each of them, and what to write instead |
//! | [events for browsers](guide::sse) | streams of events, with a filter, and slow clients |
//! | [testing](guide::testing) | tests of an application: capture, fake, wait, assert |
//! | [wiring](guide::wiring) | every event with its handlers, and `cargo eventful` |
//! | [why is my handler not called?](guide::not_called) | the reasons, the usual one first |
//! | [compile errors](guide::compile_errors) | the errors whose text is rustc's, and the way out of each |
//! | [expansion](guide::expansion) | the code that the attributes generate |
//! | [migrating](guide::migrating) | the way from a hand-written bus, or from a channel |
//! | [comparison](guide::comparison) | direct calls, a map of closures, a broadcast channel |
//!
//! # Promises
//!
//! 1. **No registration, and no silence.** A linked handler is found. If it cannot run as declared, an error names it,
//!    its file and what to write.
//! 2. **Checked as early as possible.** The compiler checks what the types say; building a bus checks the rest.
//! 3. **Every handler runs, and every failure is known.** An error or a panic of one handler does not stop the others,
//!    unless the event says `fail_fast`, and is never lost.
//! 4. **The same order every time.** On every publish, run, build and profile; never link order.
//! 5. **The price of a function call.** A publish that succeeds takes no lock, allocates nothing, and hashes only
//!    generic events. Unused features cost nothing: observers, captures, guards, returned events.
//!
//! [`guide::guarantees`] has the exact words.
//!
//! # What it does not do
//!
//! It delivers inside one process, while `publish` runs or is awaited. If the process dies meanwhile, the handlers that
//! have not run never do. [Durable events](guide::durable) are for what must survive that: with the feature `sqlite`,
//! they are in the program's own file, and any process of the machine delivers them after the commit; with `postgres`,
//! any replica of the program does. There is no broker, and no thread of its own.
//!
//! # Targets
//!
//! The target decides how handlers are collected: by [linkme](https://docs.rs/linkme) in link sections, so that nothing
//! runs before `main`, or by [inventory](https://docs.rs/inventory) in constructors. Their order is the same.
//!
//! | target | collected by | state |
//! |---|---|---|
//! | Linux on x86-64 | linkme, or inventory with the feature `inventory` | tested, both |
//! | `aarch64-unknown-linux-gnu` | linkme | tested under qemu, debug and release |
//! | `x86_64-pc-windows-gnu` | inventory | tested under Wine, debug and release |
//! | `wasm32-unknown-unknown` | inventory | tested, in Node.js |
//! | `i686-unknown-linux-gnu`, `x86_64-unknown-linux-musl` | linkme | tested, in release only the registration |
//! | `riscv64gc-unknown-linux-gnu` | linkme | tested like these under qemu, not on every change |
//! | other Linux, Android, macOS, iOS, tvOS, Windows (MSVC) | linkme | untested |
//! | UEFI, FreeBSD, OpenBSD, illumos, Fuchsia | linkme | untested |
//! | other WebAssembly and Windows (GNU), NetBSD, Haiku, Redox, `dragonfly`, `nto`, `vxworks` | inventory | untested |
//! | all others | | do not compile, rather than find no handlers |
//!
//! On WebAssembly the profile needs `lto = "fat"`, and `cdylib` must be the only crate type of the module's package.
//! Otherwise handlers may be missing, and [`Bus::builder`] says so (see [`guide::not_called`]). A panic ends the
//! module. There is no clock, so [`Bus::drained_within`] and the waits of [`testing::Recorder`] panic: await
//! [`Bus::drained`].
//!
//! # Features
//!
//! - **`tracing`** (default): each failure and each refused publish is logged once, at error level, under the target
//!   `eventful`. You see the log if the program has a subscriber, such as `tracing_subscriber::fmt::init()`. Without
//!   the feature, failures are only returned.
//! - **`records`** (default): each event, handler and family leaves a [record](guide::wiring#records) in the program's
//!   file, for tools that read the wiring without running the program. It changes nothing at run time.
//! - **`metrics`**: `observe::Metrics`, an observer that counts and times publishes and handlers through the crate
//!   `metrics`.
//! - **`tokio`**: `BusBuilder::spawn_on`, which runs what is handed over on a tokio runtime. Nothing else needs it: any
//!   closure can spawn, and awaited publishes run on the task that polls them.
//! - **`durable`**: [`durable`], and `#[event(durable, …)]`: events that are written in a transaction, and delivered after its
//!   commit, also by another process.
//! - **`postgres`**: [`store::Postgres`], durable events in a database of PostgreSQL, for several replicas of a program.
//!   It needs Rust 1.94.
//! - **`tokio-postgres`**, **`diesel-async`**: publishes into it in a transaction of that driver, for programs that
//!   have no pool of sqlx elsewhere.
//! - **`sqlite`**: [`store::Sqlite`], durable events in a file of SQLite. It needs Rust 1.94 and a C compiler.
//! - **`serde`**: [`Wiring`] and its parts can be serialized.
//! - **`testing`**: [`testing`], and the methods of [`BusBuilder`] that capture and fake; for `[dev-dependencies]`.
//! - **`inventory`**: collects handlers by constructors even where link sections work. On targets without inventory
//!   (tvOS, UEFI, Fuchsia) nothing compiles with it.

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
#[cfg(feature = "durable")]
#[doc = include_str!("guide/on_dead.md")]
pub use eventful_macros::on_dead;
#[cfg(feature = "durable")]
#[doc = include_str!("guide/upcast.md")]
pub use eventful_macros::upcast;

#[doc = include_str!("guide/bus.md")]
#[macro_export]
macro_rules! bus {
    ($($crates:tt)*) => {{
        $crate::link!($($crates)*);
        $crate::Bus::builder()
    }};
}

/// The items that expansions name: those of the core, and those of the engine of durable events.
#[doc(hidden)]
pub mod __private {
    pub use eventful_core::__private::*;
    #[cfg(feature = "durable")]
    pub use eventful_durable::__private as durable;
}

// Core looks for it, to see whether the linker has dropped handlers.
const _: () = {
    use eventful_core::__private as __eventful;
    __eventful::register_handler!(__eventful, __eventful::HandlerEntry::sentinel());
};

#[cfg(feature = "testing")]
#[doc(inline)]
pub use eventful_core::testing;
pub use eventful_core::{
    AnyEvent, Bus, BusBuilder, Cause, Delivered, Delivery, DrainTimeoutError, Either, Event,
    Failure, HandOverError, HandOverTask, HandedOver, HandlerInfo, InstallError, Pending,
    PendingError, PublishError, Publishing, PublishingWith, Refusal, Scoped, Subscription, WeakBus,
    WhenFull, Wiring, WiringError, WiringFault, mode, wiring,
};
#[doc(inline)]
pub use eventful_core::{bounds, observe};
#[cfg(feature = "durable")]
#[doc(inline)]
pub use eventful_durable as durable;

/// Databases that hold durable events: each is a [`durable::store::Store`].
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub mod store {
    #[doc(inline)]
    pub use eventful_sqlx::*;
}
