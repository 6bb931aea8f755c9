//! The reader of the records that `#[event]`, `#[handler]` and `#[family]` leave in a program. It reads the file and
//! does not run it.
//!
//! This is for tools such as `cargo eventful`. A program calls `Bus::builder().wiring()`.
//!
//! # Records
//!
//! Each event, each family, and each handler for each event that it names leaves one record, a static array of bytes in
//! a link [`section`] of its own. It holds no pointer, so it is the same in the file as in memory, and it survives
//! link-time optimization and `strip`. Without the feature `records` there are none.
//!
//! A record is text: a line `eventful 1 handler`, of which the number is the version of the format; a line for each
//! fact, the name of the fact and what is behind the first space; and a NUL at the end. Control characters and
//! backslashes are escaped as in a Rust string.
//!
//! ```text
//! eventful 1 handler
//! crate storefront-billing 0.1.0
//! in storefront_billing::charge
//! at src/charge.rs:14:14
//! fn charge
//! async
//! needs &Database
//! doc Debits what the order costs, once, if the customer's balance is large enough.
//! of 35:12 order.stock_reserved
//! returns 62:12 order.paid
//! ```
//!
//! A reader passes over facts that it does not know, and refuses a newer version.

mod error;
mod parse;
mod path;
mod program;
mod program_file;
mod record;

pub use self::error::RecordError;
pub use self::parse::parse;
pub use self::program::{Program, UnresolvedTarget};
pub use self::program_file::read_program;
pub use self::record::{
    CrateInfo, EventRecord, FamilyRecord, HandlerRecord, Record, RecordedConstraint, RecordedName,
    RecordedTarget,
};
pub use crate::resolve::{Fault, FaultKind};

/// The section that holds the records, as each kind of object file names it.
pub mod section {
    /// In ELF files.
    pub const ELF: &str = "eventful_v1";
    /// In Mach-O files, in the segment `__DATA`.
    pub const MACH_O: &str = "__eventful_v1";
    /// In COFF and PE files, whose names have eight characters at most.
    pub const COFF: &str = ".evfl_v1";
    /// In WebAssembly modules, as a custom section.
    pub const WASM: &str = ELF;
}
