//! Orders, customers and products.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Cents;

/// The number of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderId(pub i64);

impl fmt::Display for OrderId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// An order as it was placed, which never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its number.
    pub id: OrderId,
    /// The customer who placed it.
    pub customer: Customer,
    /// The products that were ordered.
    pub items: Vec<Item>,
    /// The price of all items.
    pub total_cents: Cents,
    /// When it was placed, in universal time.
    pub placed_at: String,
}

/// A customer, who places orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// The shop's name for them.
    pub id: String,
    /// Their own name.
    pub name: String,
    /// The address for mails.
    pub email: String,
}

/// A product that was ordered, and how often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The product.
    pub sku: String,
    /// The number of pieces.
    pub quantity: u32,
    /// The price of one piece when it was ordered.
    pub price_cents: Cents,
}

/// An order and its status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackedOrder {
    /// The order.
    #[serde(flatten)]
    pub order: Arc<Order>,
    /// Its status.
    pub status: Status,
}

/// The status of an order: from `Placed` to `Short`, or to `Reserved` and then to `Paid` or `Declined`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is saved.
    Placed,
    /// Its items are kept for it.
    Reserved,
    /// It is paid: an outcome.
    Paid,
    /// The customer's balance was too small: an outcome.
    Declined,
    /// There were not enough items: an outcome.
    Short,
}

impl Status {
    const ALL: [Self; 5] = [
        Self::Placed,
        Self::Reserved,
        Self::Paid,
        Self::Declined,
        Self::Short,
    ];

    /// Returns the name in the database and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Reserved => "reserved",
            Self::Paid => "paid",
            Self::Declined => "declined",
            Self::Short => "short",
        }
    }

    /// Returns `true` if no other status follows.
    #[must_use]
    pub const fn is_outcome(self) -> bool {
        matches!(self, Self::Paid | Self::Declined | Self::Short)
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_the_same_in_the_database_and_in_json() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
            let json = serde_json::to_string(&status).unwrap();
            assert_eq!(json, format!("\"{status}\""));
        }
        assert_eq!(Status::parse("lost"), None);
    }
}
