//! A bus, and the program, as plain data.

use std::any::TypeId;
use std::collections::{BTreeMap, HashMap};

use super::router::{EventRoutes, Router};
use super::routes::Route;
use super::subscriber::Subscriber;
use super::{Bus, BusBuilder};
use crate::event::{EventInfo, MemberOf, Subject};
use crate::report::WiringError;
use crate::wiring::{
    ProvidedResource, WiredEvent, WiredFamily, WiredHandler, WiredMode, WiredOrigin, WiredResource,
    Wiring, unique_names,
};

impl Bus {
    /// Returns the wiring of this bus: its handlers in exactly the order in which they run, and its resources.
    ///
    /// A bus that began with every linked handler, [`Bus::builder`], has all events of the program. Any other bus has
    /// the events that its handlers name, handle as a family or return.
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
    /// let bus = Bus::isolated().with(update_cache).build()?;
    /// assert!(bus.wiring().to_string().contains("shop.cache"));
    /// # Ok::<(), eventful::WiringError>(())
    /// ```
    #[must_use]
    pub fn wiring(&self) -> Wiring {
        let (subscribers, is_full) = (&self.0.subscribers, self.0.is_full);
        // There are no faults: the bus was built.
        let mut events = Router::new(subscribers, is_full).all_routes(&mut Vec::new());
        if !is_full {
            events.retain(|(_, routes)| routes.iter().any(|route| !route.info.is_catch_all()));
        }
        describe(subscribers, events, self.0.providers.wiring())
    }
}

impl Wiring {
    /// Returns the wiring of this program: every linked event and handler. It needs no resources.
    ///
    /// # Errors
    ///
    /// If the handlers cannot be put in order, or are otherwise wrong in a way that does not depend on resources. The
    /// error has the same faults as that of [`BusBuilder::build`].
    ///
    /// # Examples
    ///
    /// ```standalone_crate
    /// use eventful::{Wiring, event, handler};
    ///
    /// #[event(name = "order.created")]
    /// struct OrderCreated;
    ///
    /// #[handler(OrderCreated, id = "shop.cache")]
    /// fn update_cache(_: &OrderCreated) {}
    ///
    /// assert!(Wiring::current()?.to_string().contains("shop.cache"));
    /// # Ok::<(), eventful::WiringError>(())
    /// ```
    pub fn current() -> Result<Self, WiringError> {
        BusBuilder::linked().wiring()
    }
}

/// `events`, those that their handlers return, and the families of all of these.
pub(super) fn describe<'a>(
    subscribers: &'a [Subscriber],
    mut events: Vec<EventRoutes<'a>>,
    resources: Vec<ProvidedResource>,
) -> Wiring {
    add_returned(subscribers, &mut events);
    let names = Names::new(&events);
    let wired_events = events.iter().map(|(event, routes)| WiredEvent {
        name: names.of(event),
        position: (*event.position()).into(),
        mode: match (event.is_async(), event.is_concurrent()) {
            (false, _) => WiredMode::Sync,
            (true, false) => WiredMode::Async,
            (true, true) => WiredMode::Concurrent,
        },
        is_fail_fast: event.is_fail_fast(),
        is_generic: event.is_generic(),
        families: named_families(event).map(|it| it.to_string()).collect(),
        contract: event.contract().map(|contract| contract.to_string()),
        handlers: routes
            .iter()
            .map(|route| {
                let subject = (!route.is_direct()).then_some(route.subscriber().subject);
                names.handler(route.subscriber(), subject)
            })
            .collect(),
    });
    Wiring::new(
        wired_events.collect(),
        families(subscribers, &events, &names),
        resources,
    )
}

/// Adds the events that are only there because a handler returns them.
fn add_returned<'a>(subscribers: &'a [Subscriber], events: &mut Vec<EventRoutes<'a>>) {
    let router = Router::new(subscribers, false);
    for returned in subscribers.iter().flat_map(Subscriber::returned) {
        if !events
            .iter()
            .any(|(event, _)| event.type_id() == returned.type_id())
        {
            // What would be wrong with it is nothing that this bus was asked about.
            events.push((returned, router.routes(returned, &mut Vec::new())));
        }
    }
}

fn families<'a>(
    subscribers: &'a [Subscriber],
    events: &'a [EventRoutes<'a>],
    names: &Names,
) -> Vec<WiredFamily> {
    let mut families: BTreeMap<TypeId, Subject> = BTreeMap::new();
    let joined = events.iter().flat_map(|(event, _)| named_families(event));
    let handled = subscribers.iter().map(|subscriber| subscriber.subject);
    for subject in joined.chain(handled) {
        if let Subject::Family(_) = subject {
            families.insert(subject.type_id(), subject);
        }
    }
    let family = |subject: Subject| {
        let members = events.iter().filter(|(event, _)| subject.includes(event));
        let mut member_names = Vec::new();
        if !subject.is_catch_all() {
            member_names.extend(members.clone().map(|(event, _)| names.of(event)));
            member_names.sort();
        }
        let (position, is_async) = match subject {
            Subject::Family(family) if !subject.is_catch_all() => {
                (Some((*family.position()).into()), family.is_async())
            }
            _ => (None, false),
        };
        let handlers = handlers_of_family(subject, subscribers, members.map(|(_, routes)| routes));
        WiredFamily {
            name: subject.to_string(),
            position,
            is_async,
            members: member_names,
            handlers: handlers
                .into_iter()
                .map(|subscriber| names.handler(subscriber, Some(subject)))
                .collect(),
        }
    };
    families.into_values().map(family).collect()
}

/// In the order in which they run for a member that all of them handle as one; if there is none, by their places.
fn handlers_of_family<'a>(
    subject: Subject,
    subscribers: &'a [Subscriber],
    members: impl Iterator<Item = &'a Vec<Route<'a>>>,
) -> Vec<&'a Subscriber> {
    let is_own = |it: &&'a Subscriber| it.subject.type_id() == subject.type_id();
    let mut handlers: Vec<&Subscriber> = subscribers.iter().filter(is_own).collect();
    handlers.sort_by_key(|it| (it.info.order(), it.place));
    for routes in members {
        let in_order: Vec<_> = routes
            .iter()
            .map(Route::subscriber)
            .filter(is_own)
            .collect();
        if in_order.len() == handlers.len() {
            return in_order;
        }
    }
    handlers
}

/// The families that the event says it belongs to.
fn named_families(event: &EventInfo) -> impl Iterator<Item = Subject> {
    let subjects = event.memberships().map(MemberOf::subject);
    subjects.filter(|subject| !subject.is_catch_all())
}

/// What each event is called.
struct Names(HashMap<TypeId, String>);

impl Names {
    fn new(events: &[EventRoutes<'_>]) -> Self {
        let events = events.iter().map(|(event, _)| *event);
        Self(unique_names(events.map(|event| {
            (event.type_id(), event.name(), *event.position())
        })))
    }

    fn of(&self, event: &EventInfo) -> String {
        let name = self.0.get(&event.type_id());
        name.map_or_else(|| event.name().to_owned(), Clone::clone)
    }

    fn handler(&self, subscriber: &Subscriber, family: Option<Subject>) -> WiredHandler {
        let constraints = subscriber.constraints.iter();
        let requirements = subscriber.requirements();
        let mut returns: Vec<String> = Vec::new();
        for name in subscriber
            .returned()
            .into_iter()
            .map(|event| self.of(event))
        {
            if !returns.contains(&name) {
                returns.push(name);
            }
        }
        WiredHandler {
            id: subscriber.info.id().to_owned(),
            position: subscriber.info.position.into(),
            origin: match (subscriber.is_closure(), subscriber.sequence()) {
                (false, _) => WiredOrigin::Linked,
                (true, None) => WiredOrigin::Replaced,
                (true, Some(_)) => WiredOrigin::Subscribed,
            },
            order: subscriber.info.order(),
            constraints: constraints
                .map(|it| format!("{} = {}", it.side.name(), it.target))
                .collect(),
            is_async: subscriber.is_async(),
            is_guarded: subscriber.info.is_guarded(),
            family: family.map(|subject| subject.to_string()),
            resources: requirements
                .into_iter()
                .zip(subscriber.lent())
                .map(|(requirement, written)| WiredResource {
                    written: written.to_owned(),
                    type_name: Some(requirement.type_name.to_owned()),
                })
                .collect(),
            returns,
        }
    }
}
