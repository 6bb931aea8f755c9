//! An order service in one process: HTTP in front, a database behind, and in between handlers in crates that do not
//! know each other. This one does not know them either: what is listed in its Cargo.toml is linked where `shop.rs` builds
//! the bus, and what is linked is called.

mod client;
mod demo;
mod failures;
mod http;
mod mail;
mod metrics;
mod options;
mod server;
mod shop;
mod tasks;

pub use client::{Answer, Client, ClientError};
pub use demo::demo;
pub use mail::{FolderMailer, SmtpMailer, StoredMail, stored_mails};
pub use options::Options;
pub use server::{Server, StartError, StopError};
pub use shop::{Shop, ShopParts};
