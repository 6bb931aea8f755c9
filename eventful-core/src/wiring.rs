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

/// What is wired to what: the events, their handlers in the order in which they run, and what each needs and causes.
///
/// [`Wiring::current`] describes the program, and [`Bus::wiring`](crate::Bus::wiring) one bus. It is plain data: nothing in
/// it refers to the registry or to a bus.
///
/// `Display` is a table for people, with a line for each fact, so that a difference between two of them is easy to read.
/// It is the same for every build, profile and machine. The alternate form, `{:#}`, has the file and line of everything.
///
/// # JSON
///
/// With the feature `serde` it can be serialized, by any format. This is the shape, where of each list one element is shown:
///
/// ```json
#[doc = include_str!("wiring/shape.json")]
/// ```
///
/// `contract`, `family`, and the `position` of a family may be `null`. `type` is a [`std::any::type_name`], and `null` for what
/// handlers are lent if the wiring was read from a program's file. Fields may be added.
///
/// # Examples
///
/// ```
/// # use eventful_core as eventful;
/// use eventful::Bus;
///
/// let wiring = Bus::isolated().provide(42_u64).build()?.wiring();
/// assert!(wiring.events().is_empty());
/// assert!(wiring.to_string().ends_with("Resources that the bus provides:\n\n&u64"));
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

    /// Every event, by name.
    ///
    /// Names are unique here. Where several types have one, as in the bodies of two functions, the second by position has
    /// ` #2` after its name, and so on.
    ///
    /// An instantiation of a generic event is there if a handler names or returns it.
    #[must_use]
    pub fn events(&self) -> &[WiredEvent] {
        &self.events
    }

    /// Every family that an event or a handler names, by name; `dyn AnyEvent`, to which all events belong, is the last.
    #[must_use]
    pub fn families(&self) -> &[WiredFamily] {
        &self.families
    }

    /// What the bus provides; nothing for the wiring of a program.
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

    /// Which event causes which other one, and through which handler: one for each event that each handler may return.
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

    /// The circles of events that cause each other, each as the names of its events, the last of which causes the first.
    ///
    /// A circle may well end, as a handler that returns an `Option` can end it. Not every path is listed, but the shortest
    /// one through each [cascade](Wiring::cascades) that is part of any.
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
