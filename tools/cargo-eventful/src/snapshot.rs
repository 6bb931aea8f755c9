//! The wiring of a program as it is saved and compared.

use eventful_wiring::inspect::Program;
use eventful_wiring::{WiredEvent, WiredFamily, WiredHandler, WiredPosition, Wiring};
use serde::{Deserialize, Serialize};

/// The version of the format. A reader refuses a newer one.
pub(crate) const VERSION: u32 = 1;

/// A program's events and handlers.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    /// [`VERSION`].
    pub(crate) eventful: u32,
    pub(crate) events: Vec<Event>,
    pub(crate) families: Vec<Family>,
    /// Cycles of events that cause each other.
    pub(crate) cycles: Vec<Vec<String>>,
    /// Constraints whose target cannot be found by the path that is written.
    pub(crate) unresolved: Vec<Unresolved>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of `#[event]`"
)]
pub(crate) struct Event {
    pub(crate) name: String,
    #[serde(rename = "crate")]
    pub(crate) crate_name: String,
    pub(crate) position: Position,
    pub(crate) doc: Option<String>,
    #[serde(rename = "async")]
    pub(crate) is_async: bool,
    #[serde(rename = "concurrent")]
    pub(crate) is_concurrent: bool,
    #[serde(rename = "durable", default)]
    pub(crate) is_durable: bool,
    /// The version of a durable event.
    #[serde(default)]
    pub(crate) version: Option<u32>,
    #[serde(rename = "key", default)]
    pub(crate) has_key: bool,
    #[serde(rename = "fail_fast")]
    pub(crate) is_fail_fast: bool,
    #[serde(rename = "generic")]
    pub(crate) is_generic: bool,
    pub(crate) families: Vec<String>,
    pub(crate) contract: Option<String>,
    /// The type that each publish lends.
    #[serde(default)]
    pub(crate) with: Option<String>,
    /// In the order in which they run.
    pub(crate) handlers: Vec<Handler>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Handler {
    pub(crate) id: String,
    #[serde(rename = "crate")]
    pub(crate) crate_name: String,
    pub(crate) position: Position,
    pub(crate) doc: Option<String>,
    #[serde(rename = "async")]
    pub(crate) is_async: bool,
    #[serde(rename = "guarded")]
    pub(crate) is_guarded: bool,
    #[serde(rename = "in_transaction", default)]
    pub(crate) is_in_transaction: bool,
    /// The options of one that runs by itself.
    #[serde(default)]
    pub(crate) separate: Option<String>,
    pub(crate) order: i32,
    pub(crate) constraints: Vec<String>,
    pub(crate) family: Option<String>,
    pub(crate) needs: Vec<String>,
    /// The parameters that the publisher lends.
    #[serde(default)]
    pub(crate) lent: Vec<String>,
    pub(crate) returns: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Family {
    pub(crate) name: String,
    pub(crate) position: Option<Position>,
    #[serde(rename = "async")]
    pub(crate) is_async: bool,
    #[serde(rename = "durable", default)]
    pub(crate) is_durable: bool,
    pub(crate) members: Vec<String>,
    pub(crate) handlers: Vec<Handler>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub(crate) struct Position {
    pub(crate) module_path: String,
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Unresolved {
    pub(crate) handler: String,
    pub(crate) written: String,
}

impl Snapshot {
    /// The snapshot of a program, or of a part of its wiring.
    pub(crate) fn new(program: &Program, wiring: &Wiring) -> Self {
        let cycles = wiring.cycles().into_iter();
        let unresolved = program.unresolved().iter();
        Self {
            eventful: VERSION,
            events: wiring.events().iter().map(Event::new).collect(),
            families: wiring.families().iter().map(Family::new).collect(),
            cycles: cycles
                .map(|cycle| cycle.into_iter().map(str::to_owned).collect())
                .collect(),
            unresolved: unresolved
                .map(|it| Unresolved {
                    handler: it.handler().to_owned(),
                    written: it.written().to_owned(),
                })
                .collect(),
        }
    }
}

impl Event {
    fn new(event: &WiredEvent) -> Self {
        Self {
            name: event.name().to_owned(),
            crate_name: event.package().unwrap_or_default().to_owned(),
            position: Position::new(event.position()),
            doc: event.doc().map(str::to_owned),
            is_async: event.is_async(),
            is_concurrent: event.is_concurrent(),
            is_durable: event.is_durable(),
            version: event.version(),
            has_key: event.has_key(),
            is_fail_fast: event.is_fail_fast(),
            is_generic: event.is_generic(),
            families: event.families().to_vec(),
            contract: event.contract().map(str::to_owned),
            with: event.with().map(str::to_owned),
            handlers: event.handlers().iter().map(Handler::new).collect(),
        }
    }
}

impl Handler {
    fn new(handler: &WiredHandler) -> Self {
        let resources = handler.resources().iter();
        Self {
            id: handler.id().to_owned(),
            crate_name: handler.package().unwrap_or_default().to_owned(),
            position: Position::new(handler.position()),
            doc: handler.doc().map(str::to_owned),
            is_async: handler.is_async(),
            is_guarded: handler.is_guarded(),
            is_in_transaction: handler.is_in_transaction(),
            separate: handler.separate_options().map(str::to_owned),
            order: handler.order(),
            constraints: handler.constraints().to_vec(),
            family: handler.family().map(str::to_owned),
            needs: resources.map(ToString::to_string).collect(),
            lent: handler.lent().to_vec(),
            returns: handler.returns().to_vec(),
        }
    }
}

impl Family {
    fn new(family: &WiredFamily) -> Self {
        Self {
            name: family.name().to_owned(),
            position: family.position().map(Position::new),
            is_async: family.is_async(),
            is_durable: family.is_durable(),
            members: family.members().to_vec(),
            handlers: family.handlers().iter().map(Handler::new).collect(),
        }
    }
}

impl Position {
    pub(crate) fn new(position: &WiredPosition) -> Self {
        Self {
            module_path: position.module_path().to_owned(),
            file: position.file().to_owned(),
            line: position.line(),
            column: position.column(),
        }
    }
}
