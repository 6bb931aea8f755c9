//! The stock: reserves the items of an order as soon as it is created, and takes them back if it is not paid.

mod release;
mod reserve;

pub use release::release;
pub use reserve::reserve;
