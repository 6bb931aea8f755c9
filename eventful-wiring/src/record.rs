//! The format of records, for those who write them and for those who read them.

/// The names of facts, as the reader knows them. The macros, which depend on no crate of ours, write them as literals.
pub mod fact {
    /// The package: its name and its version.
    pub const CRATE: &str = "crate";
    /// The path of the module.
    pub const IN: &str = "in";
    /// The file, the line and the column.
    pub const AT: &str = "at";
    /// The name of an event, or the path of a family's trait.
    pub const NAME: &str = "name";
    /// The first line of the documentation.
    pub const DOC: &str = "doc";
    /// An asynchronous event, family or handler.
    pub const ASYNC: &str = "async";
    /// An event whose name was chosen.
    pub const NAMED: &str = "named";
    /// An event whose handlers run at the same time.
    pub const CONCURRENT: &str = "concurrent";
    /// An event whose first failure stops the rest.
    pub const FAIL_FAST: &str = "fail_fast";
    /// A generic event.
    pub const GENERIC: &str = "generic";
    /// The number of handlers that an event asks for.
    pub const HANDLERS: &str = "handlers";
    /// The type that each publish of an event lends, as it is written.
    pub const WITH: &str = "with";
    /// A family that an event belongs to.
    pub const AS: &str = "as";
    /// A handler's function, below its module.
    pub const FN: &str = "fn";
    /// A handler's id, if it was chosen.
    pub const ID: &str = "id";
    /// The event or the family that a handler handles.
    pub const OF: &str = "of";
    /// The same as it is written, if it is generic.
    pub const OF_AS: &str = "of-as";
    /// A generic type in the return type, as it is written.
    pub const RETURNS_AS: &str = "returns-as";
    /// A handler's order.
    pub const ORDER: &str = "order";
    /// A function after which a handler runs.
    pub const AFTER: &str = "after";
    /// A function before which a handler runs.
    pub const BEFORE: &str = "before";
    /// The id of a handler after which a handler runs.
    pub const AFTER_ID: &str = "after-id";
    /// The id of a handler before which a handler runs.
    pub const BEFORE_ID: &str = "before-id";
    /// A handler with a guard.
    pub const WHEN: &str = "when";
    /// A durable event, with its version.
    pub const DURABLE: &str = "durable";
    /// A durable event with a key.
    pub const KEY: &str = "key";
    /// A handler in the transaction of a durable publish.
    pub const IN_TRANSACTION: &str = "in-transaction";
    /// The options of a handler that runs by itself, as they are written.
    pub const SEPARATE: &str = "separate";
    /// A parameter beside the event, as it is written.
    pub const NEEDS: &str = "needs";
    /// An event that a handler may return.
    pub const RETURNS: &str = "returns";
    /// A return type that cannot be named, as it is written.
    pub const RETURNS_UNNAMED: &str = "returns-unnamed";
}
