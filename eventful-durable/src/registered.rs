//! The linked handlers of durable events as subscriptions, and their events.

mod handler;

use std::collections::BTreeMap;
use std::sync::Arc;

use eventful_core::__private::{SeparateHandler, SeparateOptions, durable_events};
use eventful_core::Bus;

use self::handler::LinkedHandler;
pub(crate) use self::handler::{panic_text, text_of};
use crate::upcast::Chains;
use crate::worker::check;
use crate::{
    Lends, OnDead, Program, RegistrationError, RetryPolicy, Settings, StartsFrom, Subscription,
    WhenDead,
};

/// A durable event that is linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredEvent {
    /// The written name.
    pub name: &'static str,
    /// The version of its shape.
    pub version: u32,
    /// True if it has a key.
    pub has_key: bool,
}

/// Returns the durable events of the program, sorted by their names.
///
/// # Examples
///
/// ```
/// use eventful::durable::{self, RegisteredEvent};
/// use eventful::event;
/// # use serde::{Deserialize, Serialize};
///
/// #[event(durable, name = "order.shipped", key = order_id)]
/// #[derive(Serialize, Deserialize)]
/// struct OrderShipped {
///     order_id: u64,
/// }
///
/// let shipped = RegisteredEvent { name: "order.shipped", version: 1, has_key: true };
/// assert!(durable::registered_events().contains(&shipped));
/// ```
#[must_use]
pub fn registered_events() -> Vec<RegisteredEvent> {
    let mut events: Vec<_> = durable_events()
        .into_iter()
        .map(|(name, durability)| RegisteredEvent {
            name,
            version: durability.version(),
            has_key: durability.has_key(),
        })
        .collect();
    events.sort_by_key(|event| (event.name, event.version));
    events
}

/// Returns a subscription for each handler of a durable event on `bus` that runs by itself, sorted by their ids.
///
/// # Errors
///
/// With every fault: two events with one name, an upcast that is missing or too many, an id in
/// `was` that a handler still has, a function for the dead letters of a handler that is not there.
///
/// # Examples
///
/// ```standalone_crate
/// use eventful::{Bus, durable, event, handler};
/// # use serde::{Deserialize, Serialize};
///
/// #[event(durable, name = "order.placed")]
/// #[derive(Serialize, Deserialize)]
/// struct OrderPlaced;
///
/// #[handler(OrderPlaced, id = "mail.confirm")]
/// fn confirm(_: &OrderPlaced) {}
///
/// let bus = Bus::isolated().with(confirm).build()?;
/// let subscriptions = durable::registered_subscriptions(&bus)?;
/// assert_eq!(subscriptions[0].id, "mail.confirm");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn registered_subscriptions(bus: &Bus) -> Result<Vec<Subscription>, RegistrationError> {
    let (subscriptions, mut faults) = subscriptions_of(bus);
    check::earlier_ids(&subscriptions, &mut faults);
    if faults.is_empty() {
        Ok(subscriptions)
    } else {
        Err(RegistrationError::of_faults(faults))
    }
}

/// The durable events and subscriptions of a bus. Its faults are reported when it is registered, or a worker is built.
impl From<&Bus> for Program {
    fn from(bus: &Bus) -> Self {
        let events = registered_events().into_iter();
        let (subscriptions, faults) = subscriptions_of(bus);
        Self {
            subscriptions,
            events: events
                .map(|event| (event.name.to_owned(), event.version))
                .collect(),
            faults,
        }
    }
}

/// The subscriptions of a bus, and the faults that they do not show.
fn subscriptions_of(bus: &Bus) -> (Vec<Subscription>, Vec<String>) {
    let mut faults = Vec::new();
    let versions = versions(&mut faults);
    let handlers = bus.__separate_handlers();
    let calls = handlers.iter().flat_map(SeparateHandler::calls);
    let handled = calls.map(|call| call.event_name()).collect();
    let chains = Chains::linked(&versions, &handled, &mut faults);
    let mut by_id = BTreeMap::<&'static str, Vec<SeparateHandler>>::new();
    for handler in handlers {
        by_id.entry(handler.info().id()).or_default().push(handler);
    }
    let mut dead = take_dead_letter_handlers(&mut by_id);
    let mut subscriptions = Vec::new();
    for (id, handlers) in &by_id {
        let on_dead = dead.remove(id);
        let on_dead = on_dead.map(|handlers| Arc::new(LinkedHandler::new(&handlers, &chains)) as _);
        subscriptions.push(subscription(id, handlers, on_dead, &chains));
    }
    for (id, handlers) in dead {
        let at = position(&handlers[0]);
        faults.push(format!(
            "`#[on_dead(\"{id}\")]` at {at} is for a handler that is not there; the id of a handler is the one in its `id = …`"
        ));
    }
    (subscriptions, faults)
}

/// The version of each linked event by its name.
fn versions(faults: &mut Vec<String>) -> BTreeMap<&'static str, u32> {
    let mut versions = BTreeMap::new();
    for event in registered_events() {
        if versions.insert(event.name, event.version).is_some() {
            faults.push(format!(
                "two durable events have the name `{}`, under which they are stored; rename one",
                event.name
            ));
        }
    }
    versions
}

/// Takes out the functions with `#[on_dead("…")]`, by the id of the handler whose dead letters they handle.
fn take_dead_letter_handlers(
    by_id: &mut BTreeMap<&'static str, Vec<SeparateHandler>>,
) -> BTreeMap<&'static str, Vec<SeparateHandler>> {
    let mut dead = BTreeMap::<_, Vec<_>>::new();
    by_id.retain(|_, handlers| {
        let taken = handlers.extract_if(.., |it| it.options().dead_letters_of.is_some());
        for handler in taken {
            let of = handler.options().dead_letters_of.unwrap_or_default();
            dead.entry(of).or_default().push(handler);
        }
        !handlers.is_empty()
    });
    dead
}

fn position(handler: &SeparateHandler) -> String {
    handler.position().to_string()
}

fn subscription(
    id: &str,
    handlers: &[SeparateHandler],
    on_dead: Option<Arc<dyn OnDead>>,
    chains: &Chains,
) -> Subscription {
    let first = &handlers[0];
    let options = first.options();
    let handler = LinkedHandler::new(handlers, chains);
    Subscription {
        id: id.to_owned(),
        was: options.was.iter().map(|&was| was.to_owned()).collect(),
        names: handler.names(),
        from: if options.from_beginning {
            StartsFrom::Beginning
        } else {
            StartsFrom::Now
        },
        settings: settings(options),
        lends: first
            .wanted()
            .map(|(type_id, type_name)| Lends { type_id, type_name }),
        each_process: options.each_process,
        replay: !options.refuses_replay,
        defined_at: position(first),
        handler: Arc::new(handler),
        on_dead,
    }
}

fn settings(options: &SeparateOptions) -> Settings {
    Settings {
        retry: RetryPolicy {
            attempts: options.attempts,
            first: options.first,
            longest: options.longest,
            keep_trying_for: options.keep_trying_for,
        },
        timeout: options.timeout,
        concurrency: options.concurrency.and_then(|it| usize::try_from(it).ok()),
        when_dead: options.stops_when_dead.then_some(WhenDead::Stop),
    }
}
