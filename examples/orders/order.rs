//! An order, and the event that it was created.

use std::fmt;
use std::str::FromStr;

use eventful::event;
use serde::{Deserialize, Serialize};

/// The wish of a customer: a row of the CSV file.
#[derive(Deserialize)]
pub(crate) struct NewOrder {
    pub(crate) order_id: u64,
    pub(crate) customer_id: u64,
    pub(crate) email: String,
    pub(crate) product: String,
    pub(crate) quantity: u32,
    pub(crate) unit_price: Cents,
}

/// An order that was saved.
#[derive(Serialize)]
pub(crate) struct Order {
    pub(crate) id: u64,
    pub(crate) customer_id: u64,
    pub(crate) email: String,
    pub(crate) product: String,
    pub(crate) quantity: u32,
    pub(crate) total: Cents,
}

/// An order was saved.
#[event]
pub(crate) struct OrderCreated {
    pub(crate) order_id: u64,
    pub(crate) customer_id: u64,
    pub(crate) email: String,
    pub(crate) product: String,
    pub(crate) quantity: u32,
    pub(crate) total: Cents,
}

impl From<&Order> for OrderCreated {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.id,
            customer_id: order.customer_id,
            email: order.email.clone(),
            product: order.product.clone(),
            quantity: order.quantity,
            total: order.total,
        }
    }
}

/// An amount of money, written `24.90`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Cents(pub(crate) u64);

impl fmt::Display for Cents {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl FromStr for Cents {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not an amount like 24.90");
        let is_number =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let (whole, cents) = text.split_once('.').ok_or_else(wrong)?;
        if !is_number(whole) || !is_number(cents) || cents.len() != 2 {
            return Err(wrong());
        }
        format!("{whole}{cents}")
            .parse()
            .map(Self)
            .map_err(|_| wrong())
    }
}

impl TryFrom<String> for Cents {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Cents> for String {
    fn from(cents: Cents) -> Self {
        cents.to_string()
    }
}
