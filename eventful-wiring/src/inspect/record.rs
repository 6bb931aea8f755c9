//! Records as plain data.

use crate::{Contract, DurableFacts, EventMode, Side, WiredPosition};

/// The record that one attribute of a program has left in its file.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Record {
    /// The record of an `#[event]`.
    Event(EventRecord),
    /// The record of a `#[family]`.
    Family(FamilyRecord),
    /// The record of a `#[handler]`, for one of the events that it names.
    Handler(HandlerRecord),
}

impl Record {
    /// The package that it is in.
    #[must_use]
    pub const fn package(&self) -> &CrateInfo {
        match self {
            Self::Event(record) => &record.package,
            Self::Family(record) => &record.package,
            Self::Handler(record) => &record.package,
        }
    }

    /// The item's position.
    #[must_use]
    pub const fn position(&self) -> &WiredPosition {
        match self {
            Self::Event(record) => &record.position,
            Self::Family(record) => &record.position,
            Self::Handler(record) => &record.position,
        }
    }
}

/// The package of an item; both texts are empty where something else than cargo has built it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct CrateInfo {
    /// Its name in its Cargo.toml.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A reference to an event or a family: its name and the line of its declaration. Names may be shared.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RecordedName {
    /// The event's name without the arguments of a generic one, or `dyn` and the path of the trait.
    pub name: String,
    /// The line of its declaration.
    pub line: u32,
    /// The column of its declaration.
    pub column: u32,
    /// It is a family.
    pub is_family: bool,
    /// It is a generic event. There is one event for each instantiation, and the name does not tell which.
    pub is_generic: bool,
}

/// An event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventRecord {
    /// Its package.
    pub package: CrateInfo,
    /// Its declaration.
    pub position: WiredPosition,
    /// Its name, without the arguments of a generic one.
    pub name: String,
    /// The name was chosen with `name = "…"`.
    pub has_own_name: bool,
    /// The way in which its handlers run.
    pub mode: EventMode,
    /// The facts that only a durable event has.
    pub durable: Option<DurableFacts>,
    /// The first failure stops the rest.
    pub is_fail_fast: bool,
    /// The type is generic.
    pub is_generic: bool,
    /// The number of handlers it asks for.
    pub contract: Option<Contract>,
    /// The type that each publish lends, as it is written: `mut Connection`.
    pub with: Option<String>,
    /// The families it belongs to, as declared.
    pub families: Vec<RecordedName>,
    /// The first line of its documentation.
    pub doc: Option<String>,
}

/// A family.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FamilyRecord {
    /// Its package.
    pub package: CrateInfo,
    /// The declaration of the trait.
    pub position: WiredPosition,
    /// `dyn` and the path of the trait.
    pub name: String,
    /// Its handlers may be asynchronous.
    pub is_async: bool,
    /// Its members are durable.
    pub is_durable: bool,
    /// The first line of its documentation.
    pub doc: Option<String>,
}

/// A handler, as it handles one event or one family.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HandlerRecord {
    /// Its package.
    pub package: CrateInfo,
    /// The function's position.
    pub position: WiredPosition,
    /// The function below its module, `charge` or `Ledger::charge`.
    pub function: String,
    /// The id that `id = "…"` gives.
    pub own_id: Option<String>,
    /// The event or the family that it handles.
    pub subject: RecordedName,
    /// The event as it is written, if it has the arguments of a generic type: `Changed<u64>`.
    pub subject_as: Option<String>,
    /// The order that `order = …` gives, or 0.
    pub order: i32,
    /// Its constraints beside other handlers.
    pub constraints: Vec<RecordedConstraint>,
    /// It has a guard.
    pub is_guarded: bool,
    /// It is an `async fn`.
    pub is_async: bool,
    /// It runs in the transaction of a durable publish.
    pub is_in_transaction: bool,
    /// The options of a handler that runs by itself, as they are written.
    pub separate: String,
    /// The parameters beside the event, as they are written: `&Cache`, `Option<&dyn Mailer>`, `&mut Connection`.
    pub needs: Vec<String>,
    /// The events that it may return, in the order in which they are published; one may be there several times.
    pub returns: Vec<RecordedName>,
    /// The generic types in the return type that may be events, as they are written, in their order.
    pub returns_as: Vec<String>,
    /// A return type that cannot be named, as it is written: `impl Event`.
    pub unnamed_return: Option<String>,
    /// The first line of its documentation.
    pub doc: Option<String>,
}

impl HandlerRecord {
    /// The function's whole path.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}::{}", self.position.module_path(), self.function)
    }

    /// The handler's id: the one it was given, else the function's path.
    #[must_use]
    pub fn id(&self) -> String {
        self.own_id.clone().unwrap_or_else(|| self.path())
    }
}

/// The order of a handler beside another one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordedConstraint {
    /// The side of the other one on which it runs.
    pub side: Side,
    /// The other one.
    pub target: RecordedTarget,
}

/// Another handler, as `after` and `before` name it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RecordedTarget {
    /// By the path of its function, as it is written.
    Path(String),
    /// By its id.
    Id(String),
}
