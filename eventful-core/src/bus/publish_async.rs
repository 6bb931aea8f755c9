//! The future of an asynchronous publish.

mod cascading;

use std::alloc::Layout;
use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::ops::ControlFlow;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use self::cascading::Cascading;
use super::publish_slow::Destination;
use super::separate::SeparateDelivery;
use super::{Bus, default, refuse};
use crate::delivery::{self, Delivery};
use crate::dispatch::{AsyncCalls, AsyncTable, HandlerFutures};
use crate::event::mode::{Async, InProcess};
use crate::event::{Event, EventInfo, EventRef};
use crate::log;
use crate::observe::Observers;
use crate::raw::{CallFutures, ColdBox, Erased, Lent, LentSlot, ScopedRef};
use crate::report::{Delivered, PublishError, Refusal, ReturnedEvent, Settled};

/// The publish of an asynchronous event: a future in which its handlers run.
///
/// Nothing happens until it is awaited. The handlers run inside of it, in order, on the task that polls it: the bus
/// spawns nothing and needs no runtime. An ambient publish finds its bus at the first poll, so that
/// [`bus.scope_async(event.publish())`](Bus::scope_async) works.
///
/// The future borrows the event. To hand a publish to a task, let the task own the event:
/// `async move { event.publish().await }`.
///
/// # Cancellation
///
/// Dropping the future cancels the publish at the await it is in. One log line then names the handler that was
/// cancelled there, those that never started, and the returned events that were not published.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, Publishing, event, handler};
///
/// #[event(async)]
/// struct OrderCreated;
///
/// #[handler(OrderCreated)]
/// async fn send_mail(_: &OrderCreated) -> Result<(), String> {
///     Ok(())
/// }
///
/// # futures_lite::future::block_on(async {
/// let bus = Bus::isolated().with(send_mail).build()?;
/// let event = OrderCreated;
/// let publishing: Publishing<'_, OrderCreated> = bus.publish(&event);
/// assert_eq!(publishing.await?.handled(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[must_use = "a publish does nothing until it is awaited: write `.await`"]
pub struct Publishing<'a, E> {
    stage: Stage<'a>,
    event: PhantomData<&'a E>,
}

enum Stage<'a> {
    Unstarted {
        bus: Option<&'a Bus>,
        event: EventRef<'a>,
        published_at: &'static Location<'static>,
    },
    Running(Running<'a>),
    /// The event's own handlers have run, and have returned others.
    Cascading(ColdBox<Cascading>),
    Finished,
}

pub(super) type Running<'a> = HandlerFutures<'a, FuturesOwner<'a>>;

#[diagnostic::do_not_recommend]
impl InProcess for Async {
    type Publication<'a, E: Event> = Publishing<'a, E>;

    fn __publish<'a, E: Event<Mode = Self>>(
        bus: &'a Bus,
        event: &'a E,
        published_at: &'static Location<'static>,
    ) -> Publishing<'a, E> {
        Publishing::new(Some(bus), event, published_at)
    }
}

impl<'a, E: Event<Mode = Async>> Publishing<'a, E> {
    pub(crate) fn new(
        bus: Option<&'a Bus>,
        event: &'a E,
        published_at: &'static Location<'static>,
    ) -> Self {
        Self::of(bus, EventRef::new(event), published_at)
    }
}

impl<'a, E> Publishing<'a, E> {
    /// The publish of an event that may be synchronous.
    pub(super) fn of(
        bus: Option<&'a Bus>,
        event: EventRef<'a>,
        published_at: &'static Location<'static>,
    ) -> Self {
        Self {
            stage: Stage::Unstarted {
                bus,
                event,
                published_at,
            },
            event: PhantomData,
        }
    }

    /// Starts the publish with `start`, and polls it.
    pub(super) fn start_by(
        &mut self,
        start: impl FnOnce(
            Option<&'a Bus>,
            EventRef<'a>,
            &'static Location<'static>,
        ) -> Started<'a, Next>,
        context: &mut Context<'_>,
    ) -> Poll<Result<Delivered, PublishError>> {
        let Stage::Unstarted {
            bus,
            event,
            published_at,
        } = self.stage
        else {
            unreachable!("it starts once")
        };
        let next = self.stage.start(|| start(bus, event, published_at));
        match next {
            None => Pin::new(self).poll(context),
            Some(next) => self.stage.go_on_from(next, context),
        }
    }
}

impl<E> Future for Publishing<'_, E> {
    type Output = Result<Delivered, PublishError>;

    /// # Panics
    ///
    /// If it is polled again after it was ready.
    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let stage = &mut self.get_mut().stage;
        // A publish that waits is polled without a frame of its own: 20 instructions a poll.
        if let Stage::Running(running) = stage {
            ready!(poll_running(running, context));
            return stage.finish(context);
        }
        stage.poll(context)
    }
}

#[inline(never)]
pub(super) fn poll_running(running: &mut Running<'_>, context: &mut Context<'_>) -> Poll<()> {
    running.poll(context)
}

impl<'a> Stage<'a> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Delivered, PublishError>> {
        let &mut Self::Unstarted {
            bus,
            event,
            published_at,
        } = self
        else {
            return self.poll_cascading(context);
        };
        if let Some(next) = self.start(|| start(bus, event, published_at)) {
            return self.go_on_from(next, context);
        }
        if let Self::Running(running) = self {
            ready!(poll_running(running, context));
        }
        self.finish(context)
    }

    /// Starts the handlers; or returns what comes next, if they have run. It returns before a future is polled, so that the
    /// stack of nested publishes does without its frame.
    #[inline]
    fn start(&mut self, start: impl FnOnce() -> Started<'a, Next>) -> Option<Next> {
        // A publish whose start panics is over.
        self.go_on_to(Self::Finished);
        match start() {
            Started::Running(running) => {
                self.go_on_to(Self::Running(running));
                None
            }
            Started::Over(next) => Some(next),
        }
    }

    /// Ends a publish whose own handlers have run.
    fn finish(&mut self, context: &mut Context<'_>) -> Poll<Result<Delivered, PublishError>> {
        let Self::Running(running) = self else {
            unreachable!("its handlers have run")
        };
        let Some(delivered) = running.delivered() else {
            return self.settle(context);
        };
        self.go_on_to(Self::Finished);
        Poll::Ready(Ok(delivered))
    }

    /// Ends a delivery that is not plain.
    #[cold]
    fn settle(&mut self, context: &mut Context<'_>) -> Poll<Result<Delivered, PublishError>> {
        let Self::Running(running) = self else {
            unreachable!("its handlers have run")
        };
        let next = running.settle(after_handlers);
        *self = Self::Finished;
        self.go_on_from(next, context)
    }

    #[cold]
    fn go_on_from(
        &mut self,
        next: Next,
        context: &mut Context<'_>,
    ) -> Poll<Result<Delivered, PublishError>> {
        match next {
            ControlFlow::Continue(cascading) => {
                self.go_on_to(Self::Cascading(cascading));
                self.poll_cascading(context)
            }
            ControlFlow::Break(result) => Poll::Ready(result),
        }
    }

    /// Leaves a stage in which there is nothing to drop.
    #[inline]
    fn go_on_to(&mut self, next: Self) {
        mem::forget(mem::replace(self, next));
    }

    #[cold]
    fn poll_cascading(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<Delivered, PublishError>> {
        let Self::Cascading(cascading) = self else {
            panic!("`Publishing` was polled after it was ready")
        };
        let result = ready!(cascading.poll(context));
        *self = Self::Finished;
        Poll::Ready(result)
    }
}

/// The result of a publish, or what comes next.
pub(super) type Next = ControlFlow<Result<Delivered, PublishError>, ColdBox<Cascading>>;

/// Ends a publish whose own handlers have run, if they have returned no events.
pub(super) fn after_handlers(delivery: &Delivery, settled: Settled) -> Next {
    if settled.returned.is_empty() {
        return ControlFlow::Break(settled.result);
    }
    ControlFlow::Continue(ColdBox::new(Box::new(Cascading::new(delivery, settled))))
}

#[inline]
fn start<'a>(
    bus: Option<&'a Bus>,
    event: EventRef<'a>,
    published_at: &'static Location<'static>,
) -> Started<'a, Next> {
    delivery::with_current(|parent| {
        let lent = match (bus, parent) {
            (Some(bus), _) => bus,
            // A publish in a scope, or by a handler, may outlive that.
            (None, Some(delivery)) => {
                let bus = delivery.bus();
                return start_on(bus, event, published_at, parent, |_| {
                    CallFutures::new(
                        FuturesOwner::Bus(bus.clone(), Owned::Nothing),
                        |owner| calls_of(owner.bus(), event),
                        |owner| delivery_of(owner, event, published_at),
                    )
                });
            }
            (None, None) => match default_bus(event, published_at) {
                Ok(bus) => bus,
                Err(error) => return Started::Over(ControlFlow::Break(Err(error))),
            },
        };
        start_on(lent, event, published_at, parent, |table| {
            // The table is lent too: it need not be looked up again.
            let (owner, calls) = (FuturesOwner::Nothing(lent), table.calls(event.value()));
            CallFutures::borrowing(owner, calls, |owner| {
                delivery_of(owner, event, published_at)
            })
        })
    })
}

/// The default bus, for a publish that is in nothing.
#[inline]
pub(super) fn default_bus(
    event: EventRef<'_>,
    published_at: &'static Location<'static>,
) -> Result<&'static Bus, PublishError> {
    default::get_or_build(published_at).map_err(|error| {
        let refusal = Refusal::wrong_wiring(error);
        refuse::refuse(event.info().name(), published_at, refusal)
    })
}

/// Starts a delivery with the futures that `make` makes of a table; or makes it, if there is nothing to wait for.
#[inline]
fn start_on<'bus, 'a>(
    bus: &'bus Bus,
    event: EventRef<'_>,
    published_at: &'static Location<'static>,
    parent: Option<&Delivery>,
    make: impl FnOnce(&'bus AsyncTable) -> CallFutures<'a, FuturesOwner<'a>, Delivery>,
) -> Started<'a, Next> {
    let (info, nesting) = (event.info(), Delivery::nesting_in(parent));
    let destination = bus.0.destination(&event, nesting);
    match destination.futures() {
        Some(table) if nesting < bus.0.limits.nesting => {
            Started::Running(HandlerFutures::new(make(table), info, parent, observers_of))
        }
        _ => {
            let value = event.value();
            Started::Over(deliver_at_once(bus, destination, info, value, published_at))
        }
    }
}

#[inline]
pub(super) fn delivery_of(
    owner: ScopedRef<FuturesOwner<'_>>,
    event: EventRef<'_>,
    published_at: &'static Location<'static>,
) -> Delivery {
    Delivery::new(
        Some(event.info()),
        published_at,
        owner.map(FuturesOwner::bus),
    )
}

/// Makes a delivery in which there is nothing to wait for, and nothing to allocate.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a reference would keep it in memory also where it is not handed on"
)]
#[inline(never)]
fn deliver_at_once(
    bus: &Bus,
    destination: Destination<'_>,
    event: &'static EventInfo,
    value: Erased<'_>,
    published_at: &'static Location<'static>,
) -> Next {
    let event = EventRef::from_parts(event, value);
    let delivery = Delivery::on(bus, event.info(), published_at);
    let settled = delivery.enter(|_| bus.deliver(&destination, &event, &delivery));
    after_handlers(&delivery, settled)
}

/// A delivery whose handlers have started; or what came of it if all of them are synchronous, and have run.
pub(super) enum Started<'a, T> {
    Running(Running<'a>),
    Over(T),
}

#[inline]
pub(super) fn observers_of(delivery: &Delivery) -> &Observers {
    &delivery.bus().0.observers
}

/// The handlers of an event, of which some are known to be asynchronous.
#[inline]
pub(super) fn calls_of<'o>(bus: &'o Bus, event: EventRef<'o>) -> AsyncCalls<'o> {
    let table = bus.0.table(&event);
    let futures = table.and_then(|table| table.futures.as_ref());
    futures.expect("it was there").calls(event.value())
}

/// Owns the bus, and what else a delivery and its futures point to, unless whoever polls them does.
pub(super) enum FuturesOwner<'a> {
    Nothing(&'a Bus),
    Bus(Bus, Owned<'a>),
}

/// Belongs to a single delivery, beside the bus.
pub(super) enum Owned<'a> {
    Nothing,
    Returned(ReturnedEvent),
    Lent(Lent<'a>),
    Separate(Box<SeparateDelivery<'a>>),
}

impl FuturesOwner<'_> {
    /// The layout of the head of futures with such an owner.
    pub(super) const HEAD: Layout = CallFutures::<Self, Delivery>::HEAD;

    #[inline]
    pub(super) fn bus(&self) -> &Bus {
        match self {
            Self::Nothing(bus) => bus,
            Self::Bus(bus, _) => bus,
        }
    }

    fn returned(&self) -> &ReturnedEvent {
        match self {
            Self::Bus(_, Owned::Returned(returned)) => returned,
            _ => unreachable!("no handler has returned the event"),
        }
    }

    pub(super) fn separate(&self) -> &SeparateDelivery<'_> {
        match self {
            Self::Bus(_, Owned::Separate(delivery)) => delivery,
            _ => unreachable!("the handler does not run by itself"),
        }
    }

    pub(super) fn lent(&self) -> &LentSlot {
        match self {
            Self::Bus(_, Owned::Lent(lent)) => lent.slot(),
            Self::Bus(_, Owned::Separate(delivery)) => delivery.lent(),
            _ => unreachable!("nothing is lent"),
        }
    }
}

impl<E> Drop for Publishing<'_, E> {
    fn drop(&mut self) {
        if let Stage::Unstarted {
            event,
            published_at,
            ..
        } = self.stage
        {
            log::never_polled(event.info().name(), published_at);
        }
    }
}

impl<E> fmt::Debug for Publishing<'_, E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = match self.stage {
            Stage::Unstarted { .. } => "unstarted",
            Stage::Running(_) | Stage::Cascading(_) => "under way",
            Stage::Finished => "finished",
        };
        write!(formatter, "Publishing({stage})")
    }
}
