//! Durable events: an event is written in the publisher's transaction, and is delivered after the commit, to each
//! handler by itself, with retries and in order by key.
//!
//! Depend on `eventful-framework` with the feature `durable`, which re-exports this crate as `eventful::durable`.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod append;
mod codec;
mod current;
mod envelope;
mod faults;
mod handle;
mod handler_error;
mod memory;
pub mod observe;
mod publish;
mod registered;
mod registration;
pub mod state;
pub mod store;
mod subscription;
pub mod testing;
#[cfg(test)]
mod tests;
mod trace;
mod upcast;
mod worker;

use std::future::Future;
use std::pin::Pin;

pub use self::append::{Append, AppendError, Appended, Appending, Appends};
pub use self::codec::DurableEvent;
pub use self::current::{Current, current};
pub use self::envelope::{Envelope, Headers, MAX_PAYLOAD, slot_of};
pub use self::handle::{Attempt, Handle, Handled, NotHandled, OnDead, WhenLate};
pub use self::handler_error::HandlerError;
pub use self::memory::{Memory, MemoryTransaction};
pub use self::registered::{RegisteredEvent, registered_events, registered_subscriptions};
pub use self::registration::{RegistrationError, register};
pub use self::subscription::{Lends, RetryPolicy, Settings, StartsFrom, Subscription, WhenDead};
pub use self::trace::{TraceContext, trace_with};
pub use self::worker::{
    Health, Process, Program, StillRunning, Worker, WorkerBuildError, WorkerBuilder, WorkerHandle,
};

// An instant of a store's clock, so that a publish with `at` needs no crate for time beside this one.
pub use jiff::Timestamp;

/// A boxed future that can be sent to another thread.
///
/// # Examples
///
/// ```
/// use eventful::durable::BoxFuture;
///
/// fn double(number: u32) -> BoxFuture<'static, u32> {
///     Box::pin(async move { 2 * number })
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// assert_eq!(double(21).await, 42);
/// # }
/// ```
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
