//! What records say, as plain data.

use crate::wiring::WiredPosition;

/// What one attribute of a program has left in it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Record {
    /// Of `#[event]`.
    Event(EventRecord),
    /// Of `#[family]`.
    Family(FamilyRecord),
    /// Of `#[handler]`, for one of the events that it names.
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

    /// Where the item is written.
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

/// An event or a family, as records refer to it: what its name is, and where it is declared. Names may be shared.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RecordedName {
    /// The event's name without the arguments of a generic one, or `dyn` and the path of the trait.
    pub name: String,
    /// The line of its declaration.
    pub line: u32,
    /// The column of its declaration.
    pub column: u32,
    /// Whether it is a family.
    pub is_family: bool,
    /// Whether it is a generic event: then there is one for each instantiation, which the name does not tell.
    pub is_generic: bool,
}

/// An event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventRecord {
    /// Its package.
    pub package: CrateInfo,
    /// Where it is declared.
    pub position: WiredPosition,
    /// What is said about it: its name, without the arguments of a generic one.
    pub name: String,
    /// Whether the name was chosen with `name = "…"`.
    pub has_own_name: bool,
    /// How its handlers are run.
    pub mode: RecordedMode,
    /// Whether the first failure stops the rest.
    pub is_fail_fast: bool,
    /// Whether the type is generic.
    pub is_generic: bool,
    /// How many must listen: the least, and the most if there is a limit.
    pub contract: Option<(u32, Option<u32>)>,
    /// The families it belongs to, as declared.
    pub families: Vec<RecordedName>,
    /// The first line of its documentation.
    pub doc: Option<String>,
}

/// How the handlers of an event are run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecordedMode {
    /// Within `publish`.
    Sync,
    /// Within the future, in turn.
    Async,
    /// Within the future, polled together.
    Concurrent,
}

/// A family.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FamilyRecord {
    /// Its package.
    pub package: CrateInfo,
    /// Where the trait is declared.
    pub position: WiredPosition,
    /// `dyn` and the path of the trait.
    pub name: String,
    /// Whether its handlers may be asynchronous.
    pub is_async: bool,
    /// The first line of its documentation.
    pub doc: Option<String>,
}

/// A handler, as it handles one event or one family.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HandlerRecord {
    /// Its package.
    pub package: CrateInfo,
    /// Where the function is written.
    pub position: WiredPosition,
    /// The function below its module, `charge` or `Ledger::charge`.
    pub function: String,
    /// What `id = "…"` says.
    pub own_id: Option<String>,
    /// What it listens to.
    pub subject: RecordedName,
    /// The same as it is written, if that is with the arguments of a generic type: `Changed<u64>`.
    pub subject_as: Option<String>,
    /// What `order = …` says, or 0.
    pub order: i32,
    /// What it says about its place beside others.
    pub constraints: Vec<RecordedConstraint>,
    /// Whether it has a guard.
    pub is_guarded: bool,
    /// Whether it is an `async fn`.
    pub is_async: bool,
    /// What it is lent, as its parameters are written: `&Cache`, `Option<&dyn Mailer>`.
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

    /// The handler's id: what it was given, else the function's path.
    #[must_use]
    pub fn id(&self) -> String {
        self.own_id.clone().unwrap_or_else(|| self.path())
    }
}

/// What a handler says about its place beside another one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordedConstraint {
    /// On which side of the other one it runs.
    pub side: RecordedSide,
    /// The other one.
    pub target: RecordedTarget,
}

/// On which side of another handler one runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecordedSide {
    /// After the other one.
    After,
    /// Before the other one.
    Before,
}

/// Another handler, as `after` and `before` name it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RecordedTarget {
    /// By the path of its function, as it is written.
    Path(String),
    /// By its id.
    Id(String),
}
