//! A new order, as it comes in.

use std::collections::HashSet;
use std::error::Error;
use std::fmt;

use serde::{Deserialize, Serialize};

/// An order that a customer wants to place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewOrder {
    /// The customer.
    pub customer: String,
    /// The products.
    pub items: Vec<NewItem>,
}

/// A product, and a number of pieces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewItem {
    /// The product.
    pub sku: String,
    /// The number of pieces, which comes in from outside.
    pub quantity: i64,
}

impl NewItem {
    /// The most pieces of one product in an order.
    pub const MOST: u32 = 1000;

    pub(crate) fn checked_quantity(&self) -> Result<u32, InvalidOrder> {
        u32::try_from(self.quantity)
            .ok()
            .filter(|quantity| (1..=Self::MOST).contains(quantity))
            .ok_or_else(|| InvalidOrder::Quantity(self.clone()))
    }
}

impl NewOrder {
    /// The most different products in an order.
    pub const MOST_ITEMS: usize = 50;

    /// Checks the order as far as that needs no data of the shop.
    ///
    /// # Errors
    ///
    /// If there are no items or too many, one is listed twice, or a quantity is none.
    pub fn check(&self) -> Result<(), InvalidOrder> {
        if self.items.is_empty() {
            return Err(InvalidOrder::Empty);
        }
        if self.items.len() > Self::MOST_ITEMS {
            return Err(InvalidOrder::TooManyItems(self.items.len()));
        }
        let mut seen = HashSet::new();
        for item in &self.items {
            item.checked_quantity()?;
            if !seen.insert(&item.sku) {
                return Err(InvalidOrder::Repeated(item.sku.clone()));
            }
        }
        Ok(())
    }
}

/// The error of an order that the shop does not accept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidOrder {
    /// There are no items.
    Empty,
    /// There are more than [`NewOrder::MOST_ITEMS`].
    TooManyItems(usize),
    /// A product is listed twice.
    Repeated(String),
    /// A quantity is not between 1 and [`NewItem::MOST`].
    Quantity(NewItem),
    /// There is no such product.
    UnknownProduct(String),
    /// There is no such customer.
    UnknownCustomer(String),
}

impl fmt::Display for InvalidOrder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => formatter.write_str("the order has no items; list at least one"),
            Self::TooManyItems(count) => write!(
                formatter,
                "the order has {count} items, and {} is the most; split it",
                NewOrder::MOST_ITEMS
            ),
            Self::Repeated(sku) => write!(
                formatter,
                "product `{sku}` is listed twice; list it once, with the whole quantity"
            ),
            Self::Quantity(NewItem { sku, quantity }) => write!(
                formatter,
                "the quantity of `{sku}` is {quantity}; it must be from 1 to {}",
                NewItem::MOST
            ),
            Self::UnknownProduct(sku) => write!(formatter, "there is no product `{sku}`"),
            Self::UnknownCustomer(id) => write!(formatter, "there is no customer `{id}`"),
        }
    }
}

impl Error for InvalidOrder {}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(items: &[(&str, i64)]) -> Result<(), String> {
        let items = items.iter().map(|&(sku, quantity)| NewItem {
            sku: sku.to_owned(),
            quantity,
        });
        let order = NewOrder {
            customer: "ada".to_owned(),
            items: items.collect(),
        };
        order.check().map_err(|error| error.to_string())
    }

    #[test]
    fn quantities_are_at_least_one_and_at_most_a_thousand() {
        for quantity in [1, 2, 1000] {
            assert_eq!(checked(&[("tea", quantity)]), Ok(()));
        }
        for quantity in [0, -1, 1001, i64::MIN, i64::MAX] {
            let expected =
                format!("the quantity of `tea` is {quantity}; it must be from 1 to 1000");
            assert_eq!(checked(&[("cup", 1), ("tea", quantity)]), Err(expected));
        }
    }

    #[test]
    fn items_are_there_once_each_and_not_too_many() {
        assert_eq!(
            checked(&[]).unwrap_err(),
            "the order has no items; list at least one"
        );
        assert_eq!(
            checked(&[("tea", 1), ("cup", 1), ("tea", 2)]).unwrap_err(),
            "product `tea` is listed twice; list it once, with the whole quantity"
        );
        let names: Vec<_> = (0..51).map(|number| format!("tea {number}")).collect();
        let items: Vec<_> = names.iter().map(|name| (name.as_str(), 1)).collect();
        assert_eq!(checked(&items[..50]), Ok(()));
        assert_eq!(
            checked(&items).unwrap_err(),
            "the order has 51 items, and 50 is the most; split it"
        );
    }
}
