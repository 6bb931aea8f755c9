//! The error of a bus that cannot be built.

use std::error::Error;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use eventful_wiring::resolve::missing_resource;
use eventful_wiring::{ProvidedResource, ShortType, question};

use crate::event::{EventInfo, Subject};
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
    pub(crate) fn new(faults: Vec<WiringFault>) -> Self {
        Self(faults.into())
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
pub struct WiringFault {
    handler: Option<HandlerInfo>,
    resource: Option<&'static str>,
    message: String,
}

impl WiringFault {
    /// Returns the handler at fault; `None` if a builder call is at fault.
    #[must_use]
    pub const fn handler(&self) -> Option<&HandlerInfo> {
        self.handler.as_ref()
    }

    /// Returns the type of the resource that is missing or provided twice; `None` if the fault is another.
    #[must_use]
    pub const fn resource(&self) -> Option<&'static str> {
        self.resource
    }

    /// `lender` is an event whose publishes lend what is missing.
    pub(crate) fn missing_resource(
        handler: HandlerInfo,
        event: Subject,
        resource: &'static str,
        provided: &[ProvidedResource],
        lender: Option<&EventInfo>,
    ) -> Self {
        let mut message = missing_resource(handler, event, resource, provided);
        if let Some(lender) = lender {
            message.push_str(&lent_by(lender, event));
        }
        Self {
            handler: Some(handler),
            ..Self::of_resource(resource, message)
        }
    }

    /// The event of the handler lends a `&mut`, and the handler asks for a `&`, which would be to another value.
    pub(crate) fn not_what_is_lent(handler: HandlerInfo, event: Subject, name: &str) -> Self {
        let shown = ShortType(name);
        let message = format!(
            "`{event}` lends `&mut {shown}`, and its handler {handler} takes a `&{shown}`, which would be another one; \
             write `&mut {shown}`"
        );
        Self::of(Some(handler), message)
    }

    pub(crate) fn provided_twice(resource: &'static str, first: At, second: At) -> Self {
        let shown = ShortType(resource);
        let message = format!(
            "the resource `{shown}` is provided twice, at {first} and at {second}; remove one, or wrap one \
             in a type of its own"
        );
        Self::of_resource(resource, message)
    }

    pub(crate) fn always_there(resource: &'static str, at: At) -> Self {
        let shown = ShortType(resource);
        let message = format!(
            "`{shown}` is provided at {at}, but every handler can ask for it; remove the call"
        );
        Self::of_resource(resource, message)
    }

    pub(crate) fn not_a_handler(method: &str, function: &str, at: At) -> Self {
        let message = match function {
            "&str" => format!(
                "`{method}` at {at} is given a text, but takes the function itself; write `{method}_id(\"…\")` for an id"
            ),
            _ => format!(
                "`{method}` at {at} names `{function}`, which is no linked handler; write `#[handler(…)]` on it, and \
                 `eventful::link!()` where its crate is only named in Cargo.toml"
            ),
        };
        Self::of(None, message)
    }

    /// `meant` is the id that may have been meant.
    pub(crate) fn unknown_id(method: &str, id: &str, meant: Option<&str>, at: At) -> Self {
        let hint = match meant {
            Some(meant) => question(id, meant),
            None => {
                "the default id is module path and function name, as in \"shop::cache::update\";"
                    .to_owned()
            }
        };
        let message = format!(
            "`{method}` at {at} names the id {id:?}, but no handler with that id is linked or on this bus; {hint} \
             write `eventful::link!()` where the handler's crate is only named in Cargo.toml"
        );
        Self::of(None, message)
    }

    pub(crate) fn not_on_bus(method: &str, handler: HandlerInfo, at: At) -> Self {
        let message = format!(
            "`{method}` at {at} names the handler {handler}, which is not on this bus; remove the call, or add the \
             handler with `with` first"
        );
        Self::of(Some(handler), message)
    }

    /// `given` is the event of the closure, `event` is the one of the handler.
    pub(crate) fn wrong_event(
        handler: HandlerInfo,
        event: Subject,
        given: Subject,
        at: At,
    ) -> Self {
        let message = format!(
            "`replace_id` at {at} gives a closure over `{given}` for the handler {handler}, which handles `{event}`; \
             write `|event: &{event}| …`"
        );
        Self::of(Some(handler), message)
    }

    pub(crate) fn no_room_to_wait_for() -> Self {
        let message = "`hand_over_limit(0, WhenFull::Queue)` lets everything that is handed over wait for ever; allow at least one, \
             or use `WhenFull::Reject`";
        Self::of(None, message.to_owned())
    }

    pub(crate) fn registry_too_early() -> Self {
        Self::of(None, BEFORE_MAIN.to_owned())
    }

    pub(crate) fn handlers_dropped() -> Self {
        let message = if cfg!(target_family = "wasm") {
            "the linker has dropped the handlers of crates that nothing refers to, as it does on WebAssembly without \
             LTO; set `lto = \"fat\"` in the profile and `cdylib` as the only crate type, else cargo gives up LTO; if \
             the module exports `__wasm_call_ctors`, its host must call that first"
        } else {
            "the linker has dropped the handlers of crates that nothing refers to, as a C linker does that takes a \
             staticlib apart; link the whole archive, `-Wl,--whole-archive lib….a -Wl,--no-whole-archive`, or build a \
             cdylib"
        };
        let early = if cfg!(eventful_backend = "inventory") {
            "; or a constructor has published or built a bus before `main`, when nothing was registered yet"
        } else {
            ""
        };
        Self::of(None, format!("{message}{early}"))
    }

    pub(crate) fn of(handler: Option<HandlerInfo>, message: String) -> Self {
        Self {
            handler,
            resource: None,
            message,
        }
    }

    fn of_resource(resource: &'static str, message: String) -> Self {
        Self {
            resource: Some(resource),
            ..Self::of(None, message)
        }
    }
}

/// Says why events and handlers are not in the registry.
pub(super) const BEFORE_MAIN: &str = "a constructor has published or built a bus before `main`, when not all events and handlers were registered; do \
     that in `main`";

/// The position of a builder call.
type At = &'static Location<'static>;

impl fmt::Display for WiringFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl fmt::Debug for WiringFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// The end of a message about a missing resource that `lender` lends.
fn lent_by(lender: &EventInfo, event: Subject) -> String {
    let with = lender.declaration.with.unwrap_or_default();
    match event {
        Subject::Event(_) => {
            let name = lender.name();
            format!("; or lend it: `{name}` says `with = {with}`, and `{event}` does not")
        }
        Subject::Family(_) => {
            let name = lender.name();
            format!(
                "; `{name}` lends it, but to handlers of that event only, and not to those of a family"
            )
        }
    }
}
