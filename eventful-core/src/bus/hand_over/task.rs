//! The task that a spawner is given.

use std::cell::Cell;
use std::fmt;
use std::future::poll_fn;
use std::mem;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::HandOver;
use super::handle::Slot;
use super::span::Span;
use crate::bus::semaphore::Permit;
use crate::bus::{Bus, Pending};
use crate::delivery;
use crate::event::mode::Async;
use crate::log;
use crate::report::{Delivered, Lineage, PublishError, Refusal};
use crate::sync::Arc;

thread_local! {
    /// True while this thread polls a task.
    static IS_IN_TASK: Cell<bool> = const { Cell::new(false) };
}

/// Returns whether this thread is in something that was handed over.
pub(super) fn is_in_task() -> bool {
    IS_IN_TASK.get()
}

/// The publishes of one [hand-over](crate::Bus::hand_over), for a spawner to run: a future without a result.
///
/// Polling it after it is ready does nothing. Dropping it before cancels the publishes that are left, which is logged.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, HandOverTask};
///
/// # fn run_in_the_background(task: impl Future<Output = ()> + Send + 'static) { drop(task) }
/// let bus = Bus::isolated().spawner(|task: HandOverTask| run_in_the_background(task)).build()?;
/// # drop(bus);
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[must_use = "what is handed over waits until its task is polled"]
pub struct HandOverTask {
    /// `None` once it is over.
    work: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    surroundings: Surroundings,
    events: String,
}

impl HandOverTask {
    pub(super) fn new<W: HandOver>(
        bus: Bus,
        pending: Pending<Async>,
        permit: Permit,
        slot: Arc<Slot<W::Outcome>>,
    ) -> Self {
        let origins: Vec<_> = pending.origins().collect();
        let events = pending.names().join(", ");
        let work = Work::<W> {
            results: Vec::with_capacity(origins.len()),
            origins,
            under_way: Some((pending, permit)),
            slot,
        };
        Self {
            work: Some(Box::pin(work.run())),
            surroundings: Surroundings {
                bus,
                lineage: Lineage::of(delivery::current_causes()),
                span: Span::current(),
            },
            events,
        }
    }
}

impl Future for HandOverTask {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Self {
            work, surroundings, ..
        } = self.get_mut();
        surroundings.enter(|| {
            let Some(running) = work else {
                return Poll::Ready(());
            };
            let polled = running.as_mut().poll(context);
            if polled.is_ready() {
                // A spawner may keep the task for longer.
                *work = None;
            }
            polled
        })
    }
}

impl Drop for HandOverTask {
    fn drop(&mut self) {
        let Self {
            work, surroundings, ..
        } = self;
        if work.is_some() {
            surroundings.enter(|| *work = None);
        }
    }
}

impl fmt::Debug for HandOverTask {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "HandOverTask({})", self.events)
    }
}

/// The bus, the causes and the span that are current where something is handed over, and then in its task.
struct Surroundings {
    bus: Bus,
    /// The handler that handed it over, and so on.
    lineage: Option<Lineage>,
    span: Span,
}

impl Surroundings {
    fn enter<R>(&self, body: impl FnOnce() -> R) -> R {
        struct Restore(bool);

        impl Drop for Restore {
            fn drop(&mut self) {
                IS_IN_TASK.set(self.0);
            }
        }

        let _restore = Restore(IS_IN_TASK.replace(true));
        self.span
            .enter(|| delivery::scope_caused_by(&self.bus, self.lineage.as_ref(), body))
    }
}

/// The publishes of a task.
struct Work<W: HandOver> {
    /// The events that are to come, and the permit to publish them. `None` once it is over.
    under_way: Option<(Pending<Async>, Permit)>,
    /// All events.
    origins: Vec<(&'static str, &'static Location<'static>)>,
    /// The results of the first events.
    results: Vec<Result<Delivered, PublishError>>,
    slot: Arc<Slot<W::Outcome>>,
}

impl<W: HandOver> Work<W> {
    async fn run(mut self) {
        if let Some((pending, permit)) = &mut self.under_way {
            poll_fn(|context| permit.poll_place(context)).await;
            pending.publish_all(&mut self.results).await;
        }
    }
}

impl<W: HandOver> Drop for Work<W> {
    /// Passes on the outcome, which is that of a publish that was cancelled for each event that has no other.
    fn drop(&mut self) {
        let Some((mut pending, permit)) = self.under_way.take() else {
            return;
        };
        let has_begun = pending.has_begun();
        if !has_begun {
            pending.discard();
        }
        // Events that are left log that they are dropped. Whoever is told the outcome finds that all is over.
        drop((pending, permit));
        if !has_begun {
            if self.slot.refuse() {
                return;
            }
            for (event, published_at) in &self.origins {
                log::hand_over_dropped(event, published_at);
            }
        }
        let mut results = mem::take(&mut self.results);
        let cancelled = self.origins[results.len()..].iter();
        results.extend(cancelled.map(|(event, published_at)| {
            Err(PublishError::refused(
                event,
                published_at,
                Refusal::cancelled(),
            ))
        }));
        self.slot.finish(W::__outcome(results));
    }
}
