//! A bus, and the program, as plain data.

use std::any::TypeId;
use std::collections::HashSet;

use eventful_wiring::resolve::{EventFacts, FamilyFacts, HandlerFacts, describe};
use eventful_wiring::{
    DurableFacts, EventMode, HandlerRun, ProvidedResource, Source, WiredResource, Wiring,
};

use super::Bus;
use super::plan::{BusPlan, declare_subject};
use crate::event::{EventInfo, MemberOf, Subject};
use crate::registry::{BusHandler, Registry};
use crate::resource::ResourceType;

impl Bus {
    /// Returns the wiring of this bus: its handlers in exactly the order in which they run, and its resources.
    ///
    /// A bus that began with every linked handler, [`Bus::builder`], has all events of the program. Any other bus has
    /// the events that its handlers name, handle as a family or return.
    ///
    /// [`WiredResource::is_absent`](crate::wiring::WiredResource::is_absent) tells which optional resources it does not
    /// provide.
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
        let Self(bus) = self;
        // There are no faults: the bus was built.
        let plan = BusPlan::new(&bus.subscribers, bus.is_full, true);
        let is_absent = |type_id| !bus.providers.provide_type(type_id);
        plan.describe(bus.is_full, bus.providers.wiring(), is_absent)
    }
}

impl BusPlan<'_> {
    /// Describes all events, or those that handlers name, handle as a family or return.
    pub(super) fn describe(
        &self,
        all: bool,
        resources: Vec<ProvidedResource>,
        is_absent: impl Fn(TypeId) -> bool,
    ) -> Wiring {
        let returned = self.handlers.iter().flat_map(BusHandler::returned);
        let returned: HashSet<TypeId> = returned.map(EventInfo::type_id).collect();
        let generic = Registry::get().generic_events().len();
        let generic = self.events.len() - generic..;
        let is_shown = |index: usize| {
            let event = &self.declared.events[index];
            let mut infos = self.plan.events[index]
                .iter()
                .map(|it| self.handlers[it.handler].info);
            returned.contains(&event.key)
                || event.is_reported && all
                || (event.is_reported || generic.contains(&index))
                    && infos.any(|info| !info.is_catch_all())
        };
        let shown: Vec<usize> = (0..self.events.len())
            .filter(|&index| is_shown(index))
            .collect();
        let of_events = shown
            .iter()
            .flat_map(|&index| families_of(self.events[index]));
        let of_handlers = self.handlers.iter().map(|handler| handler.subject);
        let families = of_events.chain(of_handlers).filter_map(family_facts);
        let wiring = describe(
            &self.declared,
            &self.plan,
            shown
                .iter()
                .map(|&index| event_facts(index, self.events[index]))
                .collect(),
            self.handlers
                .iter()
                .map(|handler| handler_facts(handler, &is_absent))
                .collect(),
            families.collect(),
        );
        wiring.with_resources(resources)
    }
}

/// The families that the event says it belongs to.
fn families_of(event: &EventInfo) -> impl Iterator<Item = Subject> {
    let subjects = event.memberships().map(MemberOf::subject);
    subjects.filter(|subject| !subject.is_catch_all())
}

fn event_facts(index: usize, event: &EventInfo) -> EventFacts {
    EventFacts {
        index,
        mode: if event.is_durable() {
            EventMode::Durable
        } else {
            EventMode::new(event.is_async(), event.is_concurrent())
        },
        durable: event.durability().map(|durability| DurableFacts {
            version: durability.version(),
            has_key: durability.has_key(),
        }),
        is_fail_fast: event.is_fail_fast() && !event.is_durable(),
        with: event.declaration.with.map(str::to_owned),
        families: families_of(event)
            .map(|family| family.to_string())
            .collect(),
        source: Source::default(),
    }
}

fn handler_facts(handler: &BusHandler, is_absent: impl Fn(TypeId) -> bool) -> HandlerFacts<TypeId> {
    let requirements = handler.requirements().into_iter();
    let parameters = requirements.zip(handler.written_requirements());
    let (lent, resources): (Vec<_>, Vec<_>) = parameters.partition(|(it, _)| it.is_lent);
    let returned = handler.returned().into_iter();
    HandlerFacts {
        origin: handler.origin(),
        is_async: handler.is_async(),
        is_guarded: handler.info.is_guarded(),
        run: match handler.separate {
            Some(options) => HandlerRun::Separate(options.written.to_owned()),
            None if handler.subject.is_durable() => HandlerRun::InTransaction,
            None => HandlerRun::InPublish,
        },
        lent: lent
            .into_iter()
            .map(|(_, written)| written.to_owned())
            .collect(),
        resources: resources
            .into_iter()
            .map(|(requirement, written)| {
                let ResourceType { type_id, type_name } = requirement.resource;
                WiredResource::new(written.to_owned(), Some(type_name.to_owned()))
                    .absent(is_absent(type_id))
            })
            .collect(),
        returns: returned
            .map(|event| (event.type_id(), event.name().to_owned()))
            .collect(),
        source: Source::default(),
    }
}

fn family_facts(subject: Subject) -> Option<FamilyFacts<'static, TypeId>> {
    match subject {
        Subject::Event(_) => None,
        Subject::Family(family) => Some(FamilyFacts {
            subject: declare_subject(subject),
            position: (!subject.is_catch_all()).then(|| family.position.owned()),
            is_async: family.is_async,
            is_durable: subject.is_durable(),
        }),
    }
}
