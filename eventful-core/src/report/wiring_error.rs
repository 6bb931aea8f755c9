//! The error of a bus that cannot be built.

use std::error::Error;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use eventful_wiring::ShortType;

use crate::handler::HandlerInfo;

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
            | FaultKind::WrongEvent { handler, .. } => Some(handler),
            FaultKind::Wiring { handler, .. } => handler.as_ref(),
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
        meant: Option<&'static str>,
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
    /// A fault that the rules of the wiring have found.
    Wiring {
        handler: Option<HandlerInfo>,
        message: String,
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
            FaultKind::UnknownId { method, id, meant, at } => {
                write!(
                    formatter,
                    "`{method}` at {at} names the id {id:?}, but no handler with that id is linked or on this bus; "
                )?;
                match meant {
                    Some(meant) => write!(formatter, "did you mean {meant:?}? ")?,
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
            FaultKind::Wiring { message, .. } => formatter.write_str(message),
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
