//! What is wired to what, as plain data: who handles which event, in which order, with what, and what follows from it.

mod cycles;
mod dot;
mod event;
mod family;
mod graph;
mod handler;
mod mermaid;
mod names;
mod position;
mod resource;
#[cfg(feature = "inspect")]
mod retain;
#[cfg(feature = "serde")]
mod serialize;
mod table;
#[cfg(test)]
mod tests;
mod text;

use std::collections::HashMap;

pub use self::event::WiredEvent;
pub(crate) use self::event::WiredMode;
pub use self::family::WiredFamily;
#[cfg(feature = "inspect")]
pub(crate) use self::handler::CATCH_ALL;
pub use self::handler::WiredHandler;
pub(crate) use self::handler::WiredOrigin;
pub(crate) use self::names::unique as unique_names;
pub use self::position::WiredPosition;
pub use self::resource::{ProvidedResource, WiredResource};

/// The wiring of a program or a bus: the events, their handlers in the order in which they run, and what each needs and
/// returns.
///
/// [`Wiring::current`] describes the program, and [`Bus::wiring`](crate::Bus::wiring) one bus. It is plain data:
/// nothing in it refers to the registry or to a bus.
///
/// `Display` is a table with one fact on each line, so that a difference between two of them is easy to read. It is the
/// same for every build, profile and machine. The alternate form, `{:#}`, has the file and line of everything.
///
/// # JSON
///
/// With the feature `serde` it can be serialized, in any format. This is the shape, with one element in each list:
///
/// ```json
#[doc = include_str!("wiring/shape.json")]
/// ```
///
/// `contract`, `family`, and the `position` of a family may be `null`. `type` is a [`std::any::type_name`]; it is
/// `null` for the resources of handlers if the wiring was read from a program's file. Later versions may add fields.
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
    events: Vec<WiredEvent>,
    families: Vec<WiredFamily>,
    resources: Vec<ProvidedResource>,
}

impl Wiring {
    /// Sorts everything but handlers, whose order means something. No two events have one name.
    pub(crate) fn new(
        mut events: Vec<WiredEvent>,
        mut families: Vec<WiredFamily>,
        mut resources: Vec<ProvidedResource>,
    ) -> Self {
        events.sort_by(|a, b| (&a.name, &a.position).cmp(&(&b.name, &b.position)));
        families.sort_by(|a, b| {
            (a.is_catch_all(), &a.name, &a.position).cmp(&(b.is_catch_all(), &b.name, &b.position))
        });
        resources.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        Self {
            events,
            families,
            resources,
        }
    }

    /// Returns every event, sorted by name.
    ///
    /// Names are unique here. If several types have one name, as in the bodies of two functions, the second by position
    /// has ` #2` after its name, and so on. An instantiation of a generic event is in the list if a handler names or
    /// returns it.
    #[must_use]
    pub fn events(&self) -> &[WiredEvent] {
        &self.events
    }

    /// Returns every family that an event or a handler names, sorted by name; `dyn AnyEvent`, to which all events
    /// belong, is the last.
    #[must_use]
    pub fn families(&self) -> &[WiredFamily] {
        &self.families
    }

    /// Returns the resources that the bus provides; the wiring of a program has none.
    #[must_use]
    pub fn resources(&self) -> &[ProvidedResource] {
        &self.resources
    }

    /// Whether there is any handler.
    pub(crate) fn has_handlers(&self) -> bool {
        let of_families = self.families.iter().flat_map(|family| &family.handlers);
        self.events
            .iter()
            .flat_map(|event| &event.handlers)
            .chain(of_families)
            .next()
            .is_some()
    }

    /// Returns each event that a handler may return, with the handler and the event that it handles.
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

    /// Returns the cycles of events that cause each other, each as the names of its events, the last of which causes
    /// the first.
    ///
    /// A cycle may well end: a handler that returns an `Option` can end it. Not every path is in the list, only the
    /// shortest one through each [cascade](Wiring::cascades) of a cycle.
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

/// An event that a handler may return when it handles another one.
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

    /// Returns the handler that returns the other event.
    #[must_use]
    pub const fn handler(&self) -> &'a WiredHandler {
        self.handler
    }

    /// Returns the name of the event that is returned.
    #[must_use]
    pub const fn returned(&self) -> &'a str {
        self.returned
    }
}
