//! Billing: debits the customer's balance as soon as the items are reserved.

mod charge;

pub use charge::charge;
