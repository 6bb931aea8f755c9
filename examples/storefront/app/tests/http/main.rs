//! The whole service, over real HTTP, with a database file and a folder of mails.

mod books;
mod demo;
mod load;
mod options;
mod orders;
mod without_audit;
