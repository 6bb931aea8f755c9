//! Observers: they are told of every publish and every handler of a bus, from start to end.
//!
//! [`BusBuilder::observe`](crate::BusBuilder::observe) adds one. A bus without observers costs nothing and reads no
//! clock.
//!
//! # Examples
//!
//! ```
//! use std::time::Duration;
//!
//! use eventful::observe::{HandlerEnd, Observer};
//! use eventful::{Bus, Delivery, event, handler};
//!
//! struct SlowHandlers;
//!
//! impl Observer for SlowHandlers {
//!     fn handler_finished(&self, delivery: &Delivery, end: &HandlerEnd<'_>) {
//!         if end.elapsed() > Duration::from_millis(100) {
//!             eprintln!("{} took {:?}", delivery.handler(), end.elapsed());
//!         }
//!     }
//! }
//!
//! #[event]
//! struct OrderCreated;
//!
//! #[handler(OrderCreated)]
//! fn update_cache(_: &OrderCreated) {}
//!
//! let bus = Bus::isolated().with(update_cache).observe(SlowHandlers).build()?;
//! bus.publish(&OrderCreated)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod active_span;
mod finished;
#[cfg(feature = "metrics")]
mod metrics;
#[cfg(feature = "tracing")]
mod tracing;

pub(crate) use self::active_span::{ActiveSpan, Observers};
pub use self::finished::{Finished, HandlerEnd, HandlerOutcome, PublishEnd, PublishOutcome};
#[cfg(feature = "metrics")]
pub use self::metrics::Metrics;
#[cfg(feature = "tracing")]
pub use self::tracing::TracingSpans;
use crate::delivery::Delivery;

/// Receives a call for each step of each publish on a bus: [`BusBuilder::observe`](crate::BusBuilder::observe).
///
/// Each event that is delivered is a publish of its own here, one that a handler returned too; [`Delivery::cause`]
/// names the handler that published or returned it. The calls for one publish come in the order in which things happen,
/// on the thread on which they happen: `publish_started`, then for each handler `handler_started` and
/// `handler_finished`, in execution order, then `publish_finished`. Events that were returned follow. The handlers of a
/// concurrent event start and finish in between each other. A publish that is [refused](crate::PublishError::refusal)
/// starts and finishes without handlers. One that never reached the bus, because a hand-over was refused, is only
/// logged.
///
/// If an observer panics, the panic is logged and the publish continues.
///
/// An observer may publish, such as a notice of a failure. While it is called, it is told nothing of what is published
/// on the same thread, so a notice whose own handlers fail makes no other notice: that failure is logged, and other
/// observers are told. A notice that it hands over to a task or another thread is told like any event; compare
/// [`Delivery::event_name`] there.
///
/// The calls are synchronous, within the publish. An observer hands slow work, such as writing to a database, over to a
/// queue.
///
/// # Examples
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use eventful::observe::{Observer, PublishEnd};
/// use eventful::{Bus, Delivery, event};
///
/// #[derive(Clone, Default)]
/// struct Lines(Arc<Mutex<Vec<String>>>);
///
/// impl Observer for Lines {
///     fn publish_finished(&self, delivery: &Delivery, end: &PublishEnd<'_>) {
///         let line = format!("{}: {}", delivery.event_name(), end.outcome());
///         self.0.lock().unwrap().push(line);
///     }
/// }
///
/// #[event(name = "order.created")]
/// struct OrderCreated;
///
/// let lines = Lines::default();
/// let bus = Bus::isolated().observe(lines.clone()).build()?;
/// bus.publish(&OrderCreated)?;
/// assert_eq!(*lines.0.lock().unwrap(), ["order.created: delivered"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[expect(
    unused_variables,
    reason = "the parameters are named for those who implement the trait"
)]
pub trait Observer: Send + Sync + 'static {
    /// A publish begins.
    fn publish_started(&self, delivery: &Delivery) {}

    /// The handlers of a publish have run, or it ends before. Events that they returned follow.
    fn publish_finished(&self, delivery: &Delivery, end: &PublishEnd<'_>) {}

    /// A handler begins: [`Delivery::handler`] is that handler.
    fn handler_started(&self, delivery: &Delivery) {}

    /// A handler has ended.
    fn handler_finished(&self, delivery: &Delivery, end: &HandlerEnd<'_>) {}

    /// Returns a span to enter while the publish or the handler runs. The bus asks for it after it has called
    /// `publish_started` or `handler_started`.
    fn span(&self, delivery: &Delivery, stage: Stage) -> Option<Box<dyn ObserverSpan>> {
        None
    }
}

/// The part of a publish that an [`ObserverSpan`] covers.
///
/// # Examples
///
/// ```
/// use eventful::observe::{Observer, ObserverSpan, Stage};
/// use eventful::{Bus, Delivery};
///
/// struct Profile;
///
/// struct Zone(&'static str);
///
/// impl ObserverSpan for Zone {
///     fn enter(&self) {
///         println!("> {}", self.0);
///     }
///
///     fn exit(&self) {
///         println!("< {}", self.0);
///     }
/// }
///
/// impl Observer for Profile {
///     fn span(&self, delivery: &Delivery, stage: Stage) -> Option<Box<dyn ObserverSpan>> {
///         match stage {
///             Stage::Publish => Some(Box::new(Zone(delivery.event_name()))),
///             Stage::Handler => None, // its time is a part of the publish
///         }
///     }
/// }
///
/// let bus = Bus::isolated().observe(Profile).build()?;
/// # drop(bus);
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The whole publish.
    Publish,
    /// The handler which is about to run.
    Handler,
}

/// An observer's span around one publish or one handler: entered whenever that runs, which is once for a synchronous
/// one, and on each poll for an asynchronous one. [`Stage`] has an example.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// use eventful::observe::{Observer, ObserverSpan, Stage};
/// use eventful::{Bus, Delivery, event, handler};
///
/// #[event]
/// struct OrderCreated;
///
/// #[handler(OrderCreated)]
/// fn update_cache(_: &OrderCreated) {}
///
/// struct Count(Arc<AtomicU32>);
///
/// impl Observer for Count {
///     fn span(&self, _: &Delivery, _: Stage) -> Option<Box<dyn ObserverSpan>> {
///         Some(Box::new(Count(Arc::clone(&self.0))))
///     }
/// }
///
/// impl ObserverSpan for Count {
///     fn enter(&self) {
///         self.0.fetch_add(1, Ordering::Relaxed);
///     }
///
///     fn exit(&self) {}
/// }
///
/// let entered = Arc::new(AtomicU32::new(0));
/// let bus = Bus::isolated().with(update_cache).observe(Count(Arc::clone(&entered))).build()?;
/// bus.publish(&OrderCreated)?;
/// assert_eq!(entered.load(Ordering::Relaxed), 2); // the publish and the handler
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[expect(
    unused_variables,
    reason = "the parameters are named for those who implement the trait"
)]
pub trait ObserverSpan: Send + Sync {
    /// The publish or the handler begins or continues on this thread.
    fn enter(&self);

    /// The publish or the handler pauses or ends, on the thread that entered the span.
    fn exit(&self);

    /// The publish has ended. The span is dropped afterwards.
    fn publish_finished(&self, end: &PublishEnd<'_>) {}

    /// The handler has ended. The span is dropped afterwards.
    fn handler_finished(&self, end: &HandlerEnd<'_>) {}
}
