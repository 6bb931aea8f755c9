//! The linked handlers of durable events as subscriptions, and their events.

use std::any::Any;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::{self, Display, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use eventful_core::__private::{
    DecodedEvent, Delivering, Durability, SeparateCall, SeparateHandler, SeparateOptions,
    durable_events,
};
use eventful_core::{Bus, Failure};
use jiff::Timestamp;
use serde_json::Value;

use crate::codec::Codec;
use crate::current::Current;
use crate::publish::envelopes;
use crate::upcast::{Chain, Chains};
use crate::{
    Attempt, BoxFuture, Envelope, Handle, Handled, HandlerError, Lends, NotHandled, OnDead,
    Program, RetryPolicy, Settings, StartsFrom, Subscription, WhenDead, WhenLate,
};

/// A durable event that is linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredEvent {
    /// The written name.
    pub name: &'static str,
    /// The version of its shape.
    pub version: u32,
    /// Whether it has a key.
    pub has_key: bool,
}

/// Returns the durable events of the program, sorted by their names.
///
/// # Examples
///
/// ```
/// use eventful::{durable, event};
/// # use serde::{Deserialize, Serialize};
///
/// #[event(durable, name = "order.placed", key = order_id)]
/// #[derive(Serialize, Deserialize)]
/// struct OrderPlaced {
///     order_id: u64,
/// }
///
/// let events = durable::registered_events();
/// assert!(events.iter().any(|event| event.name == "order.placed" && event.has_key));
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
        check_was(id, handlers, &by_id, &mut faults);
        let on_dead = dead.remove(id);
        let on_dead = on_dead.map(|handlers| Arc::new(Registered::new(&handlers, &chains)) as _);
        subscriptions.push(subscription(id, handlers, on_dead, &chains));
    }
    for (id, handlers) in dead {
        let at = position(&handlers[0]);
        faults.push(format!(
            "`#[on_dead(\"{id}\")]` at {at} is for a handler that is not there; the id of a handler is the one in its `id = …`"
        ));
    }
    if faults.is_empty() {
        Ok(subscriptions)
    } else {
        Err(RegistrationError { faults })
    }
}

/// The durable events and subscriptions of a bus. Its faults are reported when the worker is built.
impl From<&Bus> for Program {
    fn from(bus: &Bus) -> Self {
        let events = registered_events().into_iter();
        let (subscriptions, faults) = match registered_subscriptions(bus) {
            Ok(subscriptions) => (subscriptions, Vec::new()),
            Err(error) => (Vec::new(), error.faults),
        };
        Self {
            subscriptions,
            events: events
                .map(|event| (event.name.to_owned(), event.version))
                .collect(),
            faults,
        }
    }
}

/// Everything that is wrong with the durable events and handlers of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationError {
    faults: Vec<String>,
}

impl RegistrationError {
    /// Returns the faults, a sentence each.
    #[must_use]
    pub fn faults(&self) -> &[String] {
        &self.faults
    }
}

impl Display for RegistrationError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults = self.faults.iter();
        for (index, fault) in faults.enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(formatter, "{separator}{fault}")?;
        }
        Ok(())
    }
}

impl Error for RegistrationError {}

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

fn check_was(
    id: &str,
    handlers: &[SeparateHandler],
    by_id: &BTreeMap<&'static str, Vec<SeparateHandler>>,
    faults: &mut Vec<String>,
) {
    for was in handlers[0].options().was {
        if let Some(other) = by_id.get(was) {
            faults.push(format!(
                "the handler `{id}` says `was = \"{was}\"`, and that is the id of another handler, at {}: remove one of the two",
                position(&other[0])
            ));
        }
    }
}

fn subscription(
    id: &str,
    handlers: &[SeparateHandler],
    on_dead: Option<Arc<dyn OnDead>>,
    chains: &Chains,
) -> Subscription {
    let first = &handlers[0];
    let options = first.options();
    let registered = Registered::new(handlers, chains);
    let names = registered.events.iter();
    Subscription {
        id: id.to_owned(),
        was: options.was.iter().map(|&was| was.to_owned()).collect(),
        names: names
            .map(|(name, event)| ((*name).to_owned(), event.codec.version()))
            .collect(),
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
        handler: Arc::new(registered),
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

/// A handler with its events.
struct Registered {
    events: BTreeMap<&'static str, HandledEvent>,
    /// Whether it is an `async fn`. A plain function runs on a thread on which it may block.
    is_async: bool,
    wants_transaction: bool,
}

/// One of the events of a handler.
struct HandledEvent {
    codec: &'static Codec,
    chain: Chain,
    call: Arc<SeparateCall>,
}

impl Registered {
    fn new(handlers: &[SeparateHandler], chains: &Chains) -> Self {
        let calls = handlers.iter().flat_map(SeparateHandler::calls);
        let events = calls.filter_map(|call| {
            let name = call.event_name();
            let event = HandledEvent {
                codec: Codec::from_core(call.durability()?),
                chain: chains.of(name),
                call: Arc::clone(call),
            };
            Some((name, event))
        });
        Self {
            events: events.collect(),
            is_async: handlers.iter().any(SeparateHandler::is_async),
            wants_transaction: handlers.iter().any(|it| it.wanted().is_some()),
        }
    }
}

impl Handle for Registered {
    fn handle<'a>(
        &'a self,
        event: Arc<Envelope>,
        attempt: Attempt,
        lent: Option<&'a mut (dyn Any + Send)>,
    ) -> BoxFuture<'a, Result<Handled, NotHandled>> {
        Box::pin(async move {
            let Some(handled) = self.events.get(&*event.name) else {
                let name = &event.name;
                return Err(NotHandled::NotDecoded(format!(
                    "the handler knows no event `{name}`"
                )));
            };
            let decoded = handled.decode(&event)?;
            let current = Current::new(&event, Some(attempt));
            let call = Arc::clone(&handled.call);
            if self.is_async || self.wants_transaction {
                let delivering = current.enter(|| call.deliver(decoded, lent));
                return settle(delivering, current).await;
            }
            run_blocking(call, decoded, current).await
        })
    }

    fn when_late(&self) -> WhenLate {
        if self.is_async || self.wants_transaction {
            WhenLate::Drop
        } else {
            WhenLate::Wait
        }
    }
}

impl OnDead for Registered {
    fn on_dead<'a>(
        &'a self,
        event: Arc<Envelope>,
        reason: &'a str,
    ) -> BoxFuture<'a, Vec<Envelope>> {
        let attempt = Attempt {
            number: 1,
            is_last: true,
            is_replay: false,
            started_at: Timestamp::now(),
        };
        Box::pin(async move {
            match self.handle(Arc::clone(&event), attempt, None).await {
                Ok(handled) => handled.returned,
                Err(error) => {
                    tracing::error!(
                        target: "eventful",
                        event = %event.name,
                        id = %event.id,
                        reason,
                        "the function for a dead letter failed, and publishes nothing: {error:?}"
                    );
                    Vec::new()
                }
            }
        })
    }
}

/// Runs a plain handler where it may block: on a thread for that, if there is a tokio runtime.
async fn run_blocking(
    call: Arc<SeparateCall>,
    decoded: DecodedEvent,
    current: Arc<Current>,
) -> Result<Handled, NotHandled> {
    let run = {
        let current = Arc::clone(&current);
        move || current.enter(|| call.deliver(decoded, None))
    };
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => match runtime.spawn_blocking(run).await {
            Ok(delivering) => settle(delivering, current).await,
            Err(error) => Err(NotHandled::Panicked(match error.try_into_panic() {
                Ok(payload) => panic_text(payload),
                Err(_) => "the runtime has ended".to_owned(),
            })),
        },
        Err(_) => settle(run(), current).await,
    }
}

/// Awaits a delivery to one handler, and makes the envelopes of what it returns.
async fn settle(
    delivering: Option<Delivering<'_>>,
    current: Arc<Current>,
) -> Result<Handled, NotHandled> {
    let Some(delivering) = delivering else {
        let error = "the handler wants a transaction of another type than the store has";
        return Err(NotHandled::Failed(HandlerError::permanent(error)));
    };
    let (result, returned) = Arc::clone(&current).within(delivering).await;
    if let Err(error) = result {
        let text = error.to_string();
        let failure = error.into_failures().into_iter().next();
        return Err(
            failure.map_or_else(|| NotHandled::Failed(HandlerError::from(text)), not_handled)
        );
    }
    // Its `Serialize` is the user's code.
    let envelopes = catch_unwind(AssertUnwindSafe(|| current.enter(|| envelopes(returned))));
    match envelopes {
        Ok(Ok(returned)) => Ok(Handled { returned }),
        Ok(Err(error)) => Err(NotHandled::Failed(HandlerError::from(error))),
        Err(payload) => Err(NotHandled::Panicked(panic_text(payload))),
    }
}

fn not_handled(failure: Failure) -> NotHandled {
    if failure.is_panic() {
        return NotHandled::Panicked(failure.message().to_owned());
    }
    let text = failure.message().to_owned();
    match failure.into_error() {
        Some(error) => NotHandled::Failed(HandlerError::from_boxed(error)),
        None => NotHandled::Panicked(text),
    }
}

impl HandledEvent {
    fn decode(&self, event: &Envelope) -> Result<DecodedEvent, NotHandled> {
        let (found, known) = (event.version, self.codec.version());
        if found > known {
            return Err(NotHandled::NewerVersion { found, known });
        }
        // `Deserialize` is the user's code.
        let decoded = catch_unwind(AssertUnwindSafe(|| self.decode_known(event)));
        decoded
            .unwrap_or_else(|payload| {
                Err(format!("`Deserialize` panicked: {}", panic_text(payload)))
            })
            .map_err(|reason| {
                NotHandled::NotDecoded(format!("`{}` of version {found}: {reason}", event.name))
            })
    }

    fn decode_known(&self, event: &Envelope) -> Result<DecodedEvent, String> {
        let (found, known) = (event.version, self.codec.version());
        let decoded = if found == known {
            self.codec.decode(&event.payload)
        } else {
            let old: Value = serde_json::from_slice(&event.payload).map_err(|it| text_of(&it))?;
            self.codec.decode_value(self.chain.lift(old, found, known)?)
        };
        decoded.map_err(|error| text_of(&error))
    }
}

/// The text of an error whose `Display` may panic.
pub(crate) fn text_of(error: &dyn Display) -> String {
    let text = catch_unwind(AssertUnwindSafe(|| {
        let mut text = String::new();
        write!(text, "{error}").map(|()| text)
    }));
    match text {
        Ok(Ok(text)) => text,
        _ => "(no text: the error's `Display` failed)".to_owned(),
    }
}

/// The text of a panic.
pub(crate) fn panic_text(payload: Box<dyn Any + Send>) -> String {
    let text = match payload.downcast::<String>() {
        Ok(text) => return *text,
        Err(payload) => payload.downcast::<&'static str>(),
    };
    match text {
        Ok(text) => (*text).to_owned(),
        Err(payload) => {
            // Its `Drop` may panic, too.
            std::mem::forget(payload);
            "(no text: the panic's payload is none)".to_owned()
        }
    }
}
