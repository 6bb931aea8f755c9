//! Which handlers an event reaches: those that name it, and those of its families.

use std::any::{Any, TypeId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Deref;

use super::subscriber::Subscriber;
use crate::event::{EventInfo, MemberOf, Subject};
use crate::handler::HandlerInfo;
use crate::registry::BoundHandler;
use crate::resource::Resources;

/// A handler on the way to one event.
#[derive(Clone, Copy)]
pub(super) struct Route<'a> {
    subscriber: &'a Subscriber,
    /// None if the handler names the event itself.
    membership: Option<MemberOf<'a>>,
}

impl<'a> Route<'a> {
    pub(super) fn is_direct(&self) -> bool {
        self.membership.is_none()
    }

    pub(super) fn subscriber(&self) -> &'a Subscriber {
        self.subscriber
    }

    /// What goes into the table; none if a resource is missing.
    pub(super) fn bind(&self, resources: &Resources) -> Option<(HandlerInfo, BoundHandler)> {
        let projection: Box<dyn Any + Send + Sync> = match self.membership {
            Some(membership) => membership.projection(),
            None => Box::new(()),
        };
        let bound = self.subscriber.bind(resources, &*projection)?;
        Some((self.subscriber.info, bound))
    }
}

impl Deref for Route<'_> {
    type Target = Subscriber;

    fn deref(&self) -> &Subscriber {
        self.subscriber
    }
}

/// The handlers of a bus by what they listen to.
pub(super) struct Listeners<'a>(HashMap<TypeId, Vec<&'a Subscriber>, ByTypeId>);

impl<'a> Listeners<'a> {
    pub(super) fn new(subscribers: &'a [Subscriber]) -> Self {
        let mut listeners: HashMap<TypeId, Vec<&'a Subscriber>, ByTypeId> = HashMap::default();
        for subscriber in subscribers {
            let subject = subscriber.subject.type_id();
            listeners.entry(subject).or_default().push(subscriber);
        }
        Self(listeners)
    }

    /// The routes to `event`, in no order that means anything. A handler that can be reached in several ways is reached by
    /// its own event before a family, and by the families as the event lists them.
    pub(super) fn of(&self, event: &'a EventInfo) -> Vec<Route<'a>> {
        let mut routes: Vec<_> = self.listening_to(event.type_id(), None).collect();
        let mut as_member = event
            .memberships()
            .flat_map(|membership| self.listening_to(membership.family(), Some(membership)))
            .peekable();
        if as_member.peek().is_none() {
            // There is one way to each.
            return routes;
        }
        // Which way a handler was reached first; further ones lead to the same handler.
        let mut reached = BTreeMap::new();
        routes.extend(as_member);
        routes.retain(|route| {
            let way = route.subject.type_id();
            *reached.entry(route.place).or_insert(way) == way
        });
        routes
    }

    fn listening_to(
        &self,
        subject: TypeId,
        membership: Option<MemberOf<'a>>,
    ) -> impl Iterator<Item = Route<'a>> {
        let subscribers = self.0.get(&subject).into_iter().flatten();
        subscribers.map(move |subscriber| Route {
            subscriber,
            membership,
        })
    }
}

type ByTypeId = BuildHasherDefault<TypeIdHasher>;

/// Takes what a `TypeId` gives for the hash: it is one.
#[derive(Default)]
struct TypeIdHasher(u64);

impl Hasher for TypeIdHasher {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 ^= hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The generic events of which a handler names an instantiation: they are not in the registry.
pub(super) fn named_instantiations(subscribers: &[Subscriber]) -> Vec<&'static EventInfo> {
    let mut seen = BTreeSet::new();
    let events = subscribers
        .iter()
        .filter_map(|subscriber| match subscriber.subject {
            Subject::Event(event) if event.index().is_none() => Some(event),
            _ => None,
        });
    events
        // Not `event.type_id()`, which is that of the reference.
        .filter(|event| seen.insert(EventInfo::type_id(event)))
        .collect()
}
