//! The whole service, over real HTTP, with a database file and a folder of mails.

mod bad_input;
mod books;
mod demo;
mod dependencies;
mod load;
mod options;
mod orders;
mod pages;
#[cfg(unix)]
mod process;
mod service;
