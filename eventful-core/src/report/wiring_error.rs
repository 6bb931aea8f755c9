//! Why a bus cannot be built.

use std::error::Error;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use crate::handler::{Contract, HandlerInfo, Position, Side, Target};
use crate::type_name::ShortType;

/// Every fault that keeps a bus from being built, each with the handler, its position and what to write.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, WiringError, event, handler};
///
/// #[event]
/// struct OrderCreated;
///
/// struct Cache;
///
/// #[handler(OrderCreated)]
/// fn update_cache(_: &OrderCreated, cache: &Cache) {}
///
/// let error: WiringError = Bus::isolated().with(update_cache).build().unwrap_err();
/// assert_eq!(error.faults().len(), 1);
/// assert!(error.to_string().contains("write `.provide(…)`"));
/// ```
#[derive(Clone)]
pub struct WiringError(Arc<[WiringFault]>);

impl WiringError {
    pub(crate) fn new(kinds: Vec<FaultKind>) -> Self {
        Self(kinds.into_iter().map(WiringFault).collect())
    }

    /// Returns each fault; there is at least one.
    #[must_use]
    pub fn faults(&self) -> &[WiringFault] {
        &self.0
    }
}

impl fmt::Display for WiringError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        let faults = if count == 1 { "fault" } else { "faults" };
        write!(formatter, "the bus cannot be built, {count} {faults}:")?;
        for fault in &*self.0 {
            write!(formatter, "\n  - {fault}")?;
        }
        Ok(())
    }
}

/// Writes the same text as `Display`, because a `main` that returns the error prints it.
impl fmt::Debug for WiringError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Error for WiringError {}

/// One fault of a [`WiringError`]. Its `Display` says what is wrong, where, and what to write.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, event, handler};
///
/// #[event]
/// struct OrderCreated;
///
/// struct Cache;
///
/// #[handler(OrderCreated)]
/// fn update_cache(_: &OrderCreated, cache: &Cache) {}
///
/// let error = Bus::isolated().with(update_cache).build().unwrap_err();
/// let fault = &error.faults()[0];
/// assert!(fault.handler().unwrap().id().ends_with("update_cache"));
/// assert!(fault.resource().unwrap().ends_with("Cache"));
/// ```
pub struct WiringFault(FaultKind);

impl WiringFault {
    /// Returns the handler at fault; `None` if a builder call is at fault.
    #[must_use]
    pub const fn handler(&self) -> Option<&HandlerInfo> {
        match &self.0 {
            FaultKind::MissingResource { handler, .. }
            | FaultKind::NotOnBus { handler, .. }
            | FaultKind::WrongEvent { handler, .. }
            | FaultKind::SharedId { handler, .. }
            | FaultKind::TargetMissing { handler, .. }
            | FaultKind::AgainstOrder { handler, .. } => Some(handler),
            _ => None,
        }
    }

    /// Returns the type of the resource that is missing or provided twice; `None` if the fault is another.
    #[must_use]
    pub const fn resource(&self) -> Option<&'static str> {
        match &self.0 {
            FaultKind::MissingResource { resource, .. }
            | FaultKind::ProvidedTwice { resource, .. }
            | FaultKind::AlwaysThere { resource, .. } => Some(resource),
            _ => None,
        }
    }
}

pub(crate) enum FaultKind {
    MissingResource {
        handler: HandlerInfo,
        event: String,
        resource: &'static str,
    },
    ProvidedTwice {
        resource: &'static str,
        first: &'static Location<'static>,
        second: &'static Location<'static>,
    },
    AlwaysThere {
        resource: &'static str,
        at: &'static Location<'static>,
    },
    NotAHandler {
        method: &'static str,
        function: &'static str,
        at: &'static Location<'static>,
    },
    UnknownId {
        method: &'static str,
        id: String,
        /// The id that may have been meant.
        nearest: Option<&'static str>,
        at: &'static Location<'static>,
    },
    NotOnBus {
        method: &'static str,
        handler: HandlerInfo,
        at: &'static Location<'static>,
    },
    WrongEvent {
        handler: HandlerInfo,
        event: String,
        given: String,
        at: &'static Location<'static>,
    },
    SharedId {
        handler: HandlerInfo,
        other: HandlerInfo,
        event: &'static str,
    },
    TargetMissing {
        handler: HandlerInfo,
        event: String,
        side: Side,
        target: Target,
        /// What the target handles instead; nothing if no such handler is linked.
        handled: Vec<String>,
        /// The id that may have been meant.
        nearest: Option<&'static str>,
    },
    AgainstOrder {
        handler: HandlerInfo,
        side: Side,
        other: HandlerInfo,
    },
    Cycle {
        event: &'static str,
        handlers: Vec<HandlerInfo>,
    },
    ContractBroken {
        event: &'static str,
        position: Position,
        contract: Contract,
        handlers: Vec<HandlerInfo>,
    },
    SharedName {
        name: &'static str,
        first: Position,
        second: Position,
    },
    HandlersDropped,
    NoRoomToWaitFor,
}

impl fmt::Display for WiringFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            FaultKind::MissingResource { handler, event, resource } => {
                let (resource, call) = (ShortType(resource), provide_call(resource));
                write!(
                    formatter,
                    "handler {handler} of `{event}` needs the resource `&{resource}`, which nothing provides; \
                     write `.{call}` on the builder"
                )
            }
            FaultKind::ProvidedTwice { resource, first, second } => {
                let resource = ShortType(resource);
                write!(
                    formatter,
                    "the resource `{resource}` is provided twice, at {first} and at {second}; remove one, or wrap one \
                     in a type of its own"
                )
            }
            FaultKind::AlwaysThere { resource, at } => {
                let resource = ShortType(resource);
                write!(formatter, "`{resource}` is provided at {at}, but every handler can ask for it; remove the call")
            }
            FaultKind::NotAHandler { method, function: "&str", at } => write!(
                formatter,
                "`{method}` at {at} is given a text, but takes the function itself; write `{method}_id(\"…\")` for an id"
            ),
            FaultKind::NotAHandler { method, function, at } => write!(
                formatter,
                "`{method}` at {at} names `{function}`, which is no linked handler; write `#[handler(…)]` on it, and \
                 `eventful::link!()` where its crate is only named in Cargo.toml"
            ),
            FaultKind::UnknownId { method, id, nearest, at } => {
                write!(
                    formatter,
                    "`{method}` at {at} names the id {id:?}, but no handler with that id is linked or on this bus; "
                )?;
                match nearest {
                    Some(nearest) => write!(formatter, "did you mean {nearest:?}? ")?,
                    None => formatter.write_str(
                        "the default id is module path and function name, as in \"shop::cache::update\"; ",
                    )?,
                }
                formatter.write_str("write `eventful::link!()` where the handler's crate is only named in Cargo.toml")
            }
            FaultKind::NotOnBus { method, handler, at } => write!(
                formatter,
                "`{method}` at {at} names the handler {handler}, which is not on this bus; remove the call, or add the \
                 handler with `with` first"
            ),
            FaultKind::WrongEvent { handler, event, given, at } => write!(
                formatter,
                "`replace_id` at {at} gives a closure over `{given}` for the handler {handler}, which handles `{event}`; \
                 write `|event: &{event}| …`"
            ),
            FaultKind::SharedId { handler, other, event } => write!(
                formatter,
                "handlers {handler} and {other} of `{event}` have the same id; give one of them another `id = \"…\"`"
            ),
            FaultKind::TargetMissing { handler, event, side, target, handled, nearest } => {
                let (side, what) = (side.name(), Mistaken { target, handled, nearest: *nearest });
                write!(formatter, "handler {handler} of `{event}` says `{side} = {target}`, but {what}")
            }
            FaultKind::AgainstOrder { handler, side, other } => {
                let (side, own, others) = (side.name(), handler.order, other.order);
                write!(
                    formatter,
                    "handler {handler} says that it runs {side} {other}, but `order` says the opposite ({own} against \
                     {others}); remove one of the two"
                )
            }
            FaultKind::Cycle { event, handlers } => {
                write!(
                    formatter,
                    "handlers of `{event}` each run after the next, in a circle: {}; remove one `after` or `before`",
                    Joined(handlers)
                )
            }
            FaultKind::ContractBroken { event, position, contract, handlers } => {
                write!(formatter, "event `{event}` ({position}) says `handlers = {contract}`, but {}", Counted(handlers))
            }
            FaultKind::SharedName { name, first, second } => write!(
                formatter,
                "two events are named `{name}`, at {first} and at {second}; give one of them another `name = \"…\"`"
            ),
            FaultKind::NoRoomToWaitFor => formatter.write_str(
                "`detached_limit(0, WhenFull::Wait)` lets every detached publish wait for ever; allow at least one, or use \
                 `WhenFull::Reject` or `WhenFull::RunInline`",
            ),
            FaultKind::HandlersDropped if cfg!(target_family = "wasm") => formatter.write_str(
                "the linker has dropped the handlers of crates that nothing refers to, as it does on WebAssembly without \
                 LTO; set `lto = \"fat\"` in the profile and `cdylib` as the only crate type, else cargo gives up LTO; if \
                 the module exports `__wasm_call_ctors`, its host must call that first",
            ),
            FaultKind::HandlersDropped => formatter.write_str(
                "the linker has dropped the handlers of crates that nothing refers to, as a C linker does that takes a \
                 staticlib apart; link the whole archive, `-Wl,--whole-archive lib….a -Wl,--no-whole-archive`, or build a \
                 cdylib",
            ),
        }
    }
}

/// What a target is instead of a handler of the event, and what to do about it.
struct Mistaken<'a> {
    target: &'a Target,
    handled: &'a [String],
    nearest: Option<&'static str>,
}

impl fmt::Display for Mistaken<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.handled, self.target) {
            ([], Target::Function { written, .. }) => write!(
                formatter,
                "`{written}` is no handler; write `#[handler(…)]` on it, or remove the option"
            ),
            ([], Target::Id(_)) => {
                formatter.write_str("no linked handler has that id; ")?;
                match self.nearest {
                    Some(nearest) => write!(formatter, "did you mean {nearest:?}? write ")?,
                    None => formatter
                        .write_str("write the id of another handler of the same event, or ")?,
                }
                formatter.write_str(
                    "`eventful::link!()` where the handler's crate is only named in Cargo.toml",
                )
            }
            (handled, _) => write!(
                formatter,
                "that one handles `{}`; name a handler of the same event, or remove the option",
                handled.join("`, `")
            ),
        }
    }
}

/// How many handlers an event has, and what to do about it.
struct Counted<'a>(&'a [HandlerInfo]);

impl fmt::Display for Counted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            [] => {
                return formatter.write_str(
                    "no handler of it is linked; write one, or `eventful::link!()` where its crate is only named in Cargo.toml",
                );
            }
            [handler] => write!(formatter, "has 1 handler: {handler}")?,
            handlers => {
                write!(
                    formatter,
                    "has {} handlers: {}",
                    handlers.len(),
                    Joined(handlers)
                )?;
            }
        }
        formatter.write_str("; link as many as it says, or change the contract")
    }
}

struct Joined<'a>(&'a [HandlerInfo]);

impl fmt::Display for Joined<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, handler) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(formatter, "{separator}{handler}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for WiringFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// The builder call that provides a resource of the given type.
fn provide_call(type_name: &str) -> String {
    if let Some(shared) = type_name
        .strip_prefix("alloc::sync::Arc<")
        .and_then(|rest| rest.strip_suffix('>'))
    {
        format!("provide_arc::<{}>(…)", ShortType(shared))
    } else if type_name.starts_with("dyn ") || type_name.starts_with('[') || type_name == "str" {
        format!("provide_arc::<{}>(…)", ShortType(type_name))
    } else {
        format!("provide(…)` with a `{}", ShortType(type_name))
    }
}
