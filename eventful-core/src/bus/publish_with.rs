//! The publish of an event whose publisher lends something to its handlers. It takes the slow path.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::Bus;
use super::publish_async::{
    FuturesOwner, Next, Owned, Publishing, Started, after_handlers, calls_of, default_bus,
    delivery_of, observers_of,
};
use crate::delivery::{self, Delivery};
use crate::dispatch::HandlerFutures;
use crate::event::mode::{Async, Lending, Reference, Sync, With};
use crate::event::{Event, EventRef};
use crate::raw::{Borrowing, CallFutures, Lent};
use crate::report::{Delivered, PublishError};

#[diagnostic::do_not_recommend]
impl<L: Reference> Lending for With<Sync, L> {
    type Borrow<'a> = L::Borrow<'a>;
    type Publication<'a, E: Event> = Result<Delivered, PublishError>;

    fn __publish<'a, E: Event<Mode = Self>>(
        bus: Option<&'a Bus>,
        event: &'a E,
        borrow: L::Borrow<'a>,
        published_at: &'static Location<'static>,
    ) -> Self::Publication<'a, E> {
        let event = EventRef::new(event);
        let lent = lend::<L>(event, borrow);
        on_bus(bus, event, published_at, |_, bus| {
            bus.enter_lending(event, lent, published_at, |delivery| {
                bus.deliver_slow(&event, delivery)
            })
        })
        .flatten()
    }
}

#[diagnostic::do_not_recommend]
impl<L: Reference> Lending for With<Async, L> {
    type Borrow<'a> = L::Borrow<'a>;
    type Publication<'a, E: Event> = PublishingWith<'a, E>;

    fn __publish<'a, E: Event<Mode = Self>>(
        bus: Option<&'a Bus>,
        event: &'a E,
        borrow: L::Borrow<'a>,
        published_at: &'static Location<'static>,
    ) -> Self::Publication<'a, E> {
        let event = EventRef::new(event);
        PublishingWith {
            publishing: Publishing::of(bus, event, published_at),
            lent: Some(lend::<L>(event, borrow)),
        }
    }
}

fn lend<'a, L: Reference>(event: EventRef<'_>, borrow: L::Borrow<'a>) -> Lent<'a> {
    let lent = event
        .info()
        .lent()
        .expect("the mode of the event says what is lent");
    L::__lend(borrow, lent)
}

/// The publish of an asynchronous event that lends something to its handlers: a [`Publishing`] that also borrows what
/// is lent.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, PublishingWith, event, handler};
///
/// #[event(async, with = mut Vec<String>)]
/// struct OrderCreated;
///
/// #[handler(OrderCreated)]
/// async fn write_line(_: &OrderCreated, lines: &mut Vec<String>) {
///     lines.push("created".to_owned());
/// }
///
/// # futures_lite::future::block_on(async {
/// let bus = Bus::isolated().with(write_line).build()?;
/// let (event, mut lines) = (OrderCreated, Vec::new());
/// let publishing: PublishingWith<'_, OrderCreated> = bus.publish_with(&event, &mut lines);
/// publishing.await?;
/// assert_eq!(lines, ["created"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[must_use = "a publish does nothing until it is awaited: write `.await`"]
pub struct PublishingWith<'a, E> {
    publishing: Publishing<'a, E>,
    /// `None` once it has started: then the handlers borrow it.
    lent: Option<Lent<'a>>,
}

impl<E> Future for PublishingWith<'_, E> {
    type Output = Result<Delivered, PublishError>;

    /// # Panics
    ///
    /// If it is polled again after it was ready.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { publishing, lent } = self.get_mut();
        match lent.take() {
            Some(lent) => publishing.start_by(
                |bus, event, published_at| start(bus, event, published_at, lent),
                context,
            ),
            None => Pin::new(publishing).poll(context),
        }
    }
}

impl<E> fmt::Debug for PublishingWith<'_, E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.publishing.fmt(formatter)
    }
}

fn start<'a>(
    bus: Option<&'a Bus>,
    event: EventRef<'a>,
    published_at: &'static Location<'static>,
    lent: Lent<'a>,
) -> Started<'a, Next> {
    let started = on_bus(bus, event, published_at, |parent, bus| {
        let nesting = Delivery::nesting_in(parent);
        let destination = bus.0.destination(&event, nesting);
        if destination.futures().is_some() && nesting < bus.0.limits.nesting {
            let futures = CallFutures::new(
                FuturesOwner::Bus(bus.clone(), Owned::Lent(lent)),
                |owner| calls_of(owner.bus(), event),
                |owner| {
                    delivery_of(owner, event, published_at).lending(owner.map(FuturesOwner::lent))
                },
            );
            let info = event.info();
            return Started::Running(HandlerFutures::new(futures, info, parent, observers_of));
        }
        Started::Over(bus.enter_lending(event, lent, published_at, |delivery| {
            let settled = bus.deliver(&destination, &event, delivery);
            after_handlers(delivery, settled)
        }))
    });
    started.unwrap_or_else(|error| Started::Over(Next::Break(Err(error))))
}

/// Shows `bus` or the current one, and the delivery around the publish, to `publish`.
fn on_bus<R>(
    bus: Option<&Bus>,
    event: EventRef<'_>,
    published_at: &'static Location<'static>,
    publish: impl FnOnce(Option<&Delivery>, &Bus) -> R,
) -> Result<R, PublishError> {
    delivery::with_current(|parent| {
        let bus = match (bus, parent) {
            (Some(bus), _) => bus,
            (None, Some(delivery)) => delivery.bus(),
            (None, None) => default_bus(event, published_at)?,
        };
        Ok(publish(parent, bus))
    })
}

impl Bus {
    /// Runs `body` within the delivery of an event whose publisher lends something.
    pub(super) fn enter_lending<R>(
        &self,
        event: EventRef<'_>,
        lent: Lent<'_>,
        published_at: &'static Location<'static>,
        body: impl FnOnce(&Delivery) -> R,
    ) -> R {
        let owners = (self, lent);
        let delivery = Borrowing::new(&owners, |owners| {
            let bus = owners.map(|(bus, _)| *bus);
            let lent = owners.map(|(_, lent)| lent.slot());
            Delivery::new(Some(event.info()), published_at, bus).lending(lent)
        });
        delivery.enter(|_| body(&delivery))
    }
}
