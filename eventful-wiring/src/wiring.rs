//! The wiring as plain data: events, their handlers in order, and what follows from them.

use std::collections::HashMap;

use crate::cycles;
use crate::{ProvidedResource, WiredEvent, WiredFamily, WiredHandler};

/// The wiring of a program or a bus: the events, their handlers in the order in which they run, and what each needs and
/// returns. It is plain data.
///
/// `Display` is a table for people, with a line for each fact, so that a difference between two of them is easy to
/// read. It is the same for every build, profile and machine. The alternate form, `{:#}`, has the file and line of
/// everything.
///
/// # JSON
///
/// With the feature `serde` it can be serialized, by any format. This is the shape, with one element of each list:
///
/// ```json
/// ```
///
/// `contract`, `with`, `family`, and the `position` of a family may be `null`. `type` is a [`std::any::type_name`]; it is
/// `null` for a handler's resources if the wiring was read from a program's file. Later versions may add fields.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, event, handler};
///
/// #[event(name = "order.created")]
/// struct OrderCreated;
///
/// #[handler(OrderCreated, id = "shop.cache")]
/// fn update_cache(_: &OrderCreated) {}
///
/// #[handler(OrderCreated, id = "shop.mail", after = update_cache)]
/// fn send_mail(_: &OrderCreated) {}
///
/// let wiring = Bus::isolated().with(update_cache).with(send_mail).build()?.wiring();
/// let handlers: Vec<&str> = wiring.events()[0].handlers().iter().map(|handler| handler.id()).collect();
/// assert_eq!(handlers, ["shop.cache", "shop.mail"]);
/// assert!(wiring.to_string().contains("shop.cache"));
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wiring {
    pub(crate) events: Vec<WiredEvent>,
    pub(crate) families: Vec<WiredFamily>,
    pub(crate) resources: Vec<ProvidedResource>,
}

impl Wiring {
    /// Sorts everything but the handlers of an event. No two events have one name.
    pub(crate) fn new(mut events: Vec<WiredEvent>, mut families: Vec<WiredFamily>) -> Self {
        events.sort_by(|a, b| (&a.name, &a.position).cmp(&(&b.name, &b.position)));
        families.sort_by(|a, b| {
            (a.is_catch_all(), &a.name, &a.position).cmp(&(b.is_catch_all(), &b.name, &b.position))
        });
        Self {
            events,
            families,
            resources: Vec::new(),
        }
    }

    /// The events, sorted by name.
    ///
    /// Names are unique here. Where several types have the same name, as in the bodies of two functions, the second by
    /// position has ` #2` after its name, and so on.
    ///
    /// An instantiation of a generic event is there if a handler names or returns it. The others are known only when
    /// they are published: `shop::Changed<_>` stands for them, if a handler of a family hears them.
    #[must_use]
    pub fn events(&self) -> &[WiredEvent] {
        &self.events
    }

    /// The families that an event or a handler names, sorted by name. `dyn AnyEvent`, which no event names, is
    /// the last.
    #[must_use]
    pub fn families(&self) -> &[WiredFamily] {
        &self.families
    }

    /// The resources that the bus provides; none in the wiring of a program.
    #[must_use]
    pub fn resources(&self) -> &[ProvidedResource] {
        &self.resources
    }

    /// Adds the resources that a bus provides.
    #[doc(hidden)]
    #[must_use]
    pub fn with_resources(mut self, mut resources: Vec<ProvidedResource>) -> Self {
        resources.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        self.resources = resources;
        self
    }

    /// Returns true if there is any handler.
    #[must_use]
    pub fn has_handlers(&self) -> bool {
        let of_events = self.events.iter().map(|event| &event.handlers);
        let of_families = self.families.iter().map(|family| &family.handlers);
        let mut handlers = of_events.chain(of_families);
        handlers.any(|handlers| !handlers.is_empty())
    }

    /// The events that handlers may return when they handle another one: one cascade for each handler and each event
    /// that it may return.
    pub fn cascades(&self) -> impl Iterator<Item = WiredCascade<'_>> {
        self.events.iter().flat_map(|event| {
            event.handlers.iter().flat_map(move |handler| {
                handler.returns.iter().map(move |returned| WiredCascade {
                    event,
                    handler,
                    returned,
                })
            })
        })
    }

    /// The cycles of events that cause each other, each as the names of its events. The last event causes the first.
    ///
    /// A cycle may well end: a handler that returns an `Option` can end it. The list has the shortest cycle through
    /// each [cascade](Wiring::cascades) that is part of any.
    #[must_use]
    pub fn cycles(&self) -> Vec<Vec<&str>> {
        let events = self.events.iter().enumerate();
        let number_of: HashMap<&str, usize> = events
            .map(|(number, event)| (event.name(), number))
            .collect();
        let mut caused = vec![Vec::new(); self.events.len()];
        for cascade in self.cascades() {
            let (from, to) = (
                number_of.get(cascade.event()),
                number_of.get(cascade.returned()),
            );
            if let (Some(&from), Some(&to)) = (from, to) {
                caused[from].push(to);
            }
        }
        let cycles = cycles::shortest(&caused).into_iter();
        cycles
            .map(|cycle| cycle.into_iter().map(|event| self.events[event].name()))
            .map(Iterator::collect)
            .collect()
    }
}

#[cfg(feature = "inspect")]
impl Wiring {
    /// Keeps some of the events.
    pub fn retain_events(&mut self, keep: impl FnMut(&WiredEvent) -> bool) {
        self.events.retain(keep);
    }

    /// Keeps some of the families.
    pub fn retain_families(&mut self, keep: impl FnMut(&WiredFamily) -> bool) {
        self.families.retain(keep);
    }

    /// Keeps some of the handlers of events and families. An event or a family without any left stays.
    pub fn retain_handlers(&mut self, mut keep: impl FnMut(&WiredHandler) -> bool) {
        for event in &mut self.events {
            event.handlers.retain(&mut keep);
        }
        for family in &mut self.families {
            family.handlers.retain(&mut keep);
        }
    }
}

/// An event that a handler may return when it handles another event.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, event, handler};
///
/// #[event]
/// struct OrderCreated;
///
/// #[event(name = "stock.reserved")]
/// struct StockReserved;
///
/// #[handler(OrderCreated, id = "stock.reserve")]
/// fn reserve_stock(_: &OrderCreated) -> StockReserved {
///     StockReserved
/// }
///
/// let wiring = Bus::isolated().with(reserve_stock).build()?.wiring();
/// let cascade = wiring.cascades().next().unwrap();
/// assert_eq!((cascade.handler().id(), cascade.returned()), ("stock.reserve", "stock.reserved"));
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WiredCascade<'a> {
    event: &'a WiredEvent,
    handler: &'a WiredHandler,
    returned: &'a str,
}

impl<'a> WiredCascade<'a> {
    /// The name of the event that is handled.
    #[must_use]
    pub fn event(&self) -> &'a str {
        self.event.name()
    }

    /// The handler that returns the other event.
    #[must_use]
    pub const fn handler(&self) -> &'a WiredHandler {
        self.handler
    }

    /// The name of the event that is returned.
    #[must_use]
    pub const fn returned(&self) -> &'a str {
        self.returned
    }
}
