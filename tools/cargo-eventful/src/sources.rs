//! Handlers and events as they stand in the sources, also those that the compiler never saw.
//!
//! It does not find code that a macro writes, or code inside the body of a function.

mod attribute;
mod cfg;
#[cfg(test)]
mod tests;
mod walk;

use std::path::PathBuf;

pub(crate) use self::cfg::ActiveCfg;
pub(crate) use self::walk::{items, items_of_stray_files};

/// A function with `#[handler]`, or a type with `#[event]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SourceItem {
    pub(crate) kind: SourceKind,
    /// `shop::mail`.
    pub(crate) module: String,
    /// `send`, `Ledger::charge`, `OrderCreated`.
    pub(crate) name: String,
    /// The value of `id = "…"` or `name = "…"`.
    pub(crate) own_name: Option<String>,
    /// The events and families that it handles, as they are written.
    pub(crate) subjects: Vec<String>,
    pub(crate) place: Place,
    /// Why the compiler does not see it.
    pub(crate) hidden: Option<Hidden>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SourceKind {
    Handler,
    Event,
}

/// A line of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    pub(crate) file: PathBuf,
    pub(crate) line: usize,
}

/// Why the compiler does not see an item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Hidden {
    /// This predicate is not true in the build.
    Cfg { predicate: String, place: Place },
    /// No `mod` names the file.
    NoModule,
}

impl SourceItem {
    pub(crate) fn path(&self) -> String {
        format!("{}::{}", self.module, self.name)
    }
}
