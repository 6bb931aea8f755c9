//! The events of an order.
//!
//! Each event has the order as it was placed, so that a handler need not ask the database.

use std::sync::Arc;

use eventful::{event, family};

use crate::{Cents, Order, OrderId};

/// The family of all events of orders. One handler can handle every one of them.
#[family(async)]
pub trait OrderEvent {
    /// Returns the number of the order.
    fn order_id(&self) -> OrderId;

    /// Describes the event, in a line for people.
    fn line(&self) -> String;
}

/// An order was saved.
#[event(async, name = "order.created", as(dyn OrderEvent), handlers = 1..)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderCreated {
    /// The order.
    pub order: Arc<Order>,
}

/// The items of an order are kept for it.
#[event(async, name = "order.stock_reserved", as(dyn OrderEvent), handlers = 1..)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockReserved {
    /// The order.
    pub order: Arc<Order>,
}

/// There are not enough items for an order, which is its outcome. None are kept for it.
#[event(async, name = "order.stock_short", as(dyn OrderEvent), handlers = 1..)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockShort {
    /// The order.
    pub order: Arc<Order>,
    /// The products of which there are too few pieces.
    pub shortages: Vec<Shortage>,
}

/// A product of which there is less than was ordered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// The product.
    pub sku: String,
    /// The number of pieces that were ordered.
    pub wanted: u32,
    /// The number of pieces in stock.
    pub in_stock: u32,
}

/// An order was paid from the customer's balance, which is its outcome.
#[event(async, name = "order.paid", as(dyn OrderEvent), handlers = 1..)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderPaid {
    /// The order.
    pub order: Arc<Order>,
    /// The balance after the payment.
    pub balance: Cents,
}

/// The customer's balance is too small for an order, which is its outcome. Its items are no longer kept for it.
#[event(async, name = "order.payment_declined", as(dyn OrderEvent), handlers = 1..)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentDeclined {
    /// The order.
    pub order: Arc<Order>,
    /// The balance, which is too small.
    pub balance: Cents,
}

/// A handler of another one of these events failed. Only the audit hears of it.
#[event(async, name = "order.handler_failed", as(dyn OrderEvent), handlers = 0)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandlerFailed {
    /// The number of the order.
    pub order_id: OrderId,
    /// The name of that event.
    pub event: &'static str,
    /// The id of the handler.
    pub handler: &'static str,
    /// The text of its error.
    pub message: String,
}

impl OrderEvent for OrderCreated {
    fn order_id(&self) -> OrderId {
        self.order.id
    }

    fn line(&self) -> String {
        let Order {
            customer,
            items,
            total_cents,
            ..
        } = &*self.order;
        let items: Vec<_> = items
            .iter()
            .map(|item| format!("{} {}", item.quantity, item.sku))
            .collect();
        format!(
            "placed by {}: {}, for {total_cents}",
            customer.id,
            items.join(", ")
        )
    }
}

impl OrderEvent for StockReserved {
    fn order_id(&self) -> OrderId {
        self.order.id
    }

    fn line(&self) -> String {
        "its items are reserved".to_owned()
    }
}

impl OrderEvent for StockShort {
    fn order_id(&self) -> OrderId {
        self.order.id
    }

    fn line(&self) -> String {
        let shortages: Vec<_> = self
            .shortages
            .iter()
            .map(|shortage| {
                let Shortage {
                    sku,
                    wanted,
                    in_stock,
                } = shortage;
                format!("{in_stock} {sku} in stock and {wanted} wanted")
            })
            .collect();
        format!("out of stock: {}", shortages.join(", "))
    }
}

impl OrderEvent for OrderPaid {
    fn order_id(&self) -> OrderId {
        self.order.id
    }

    fn line(&self) -> String {
        format!(
            "paid {}, which leaves {}",
            self.order.total_cents, self.balance
        )
    }
}

impl OrderEvent for PaymentDeclined {
    fn order_id(&self) -> OrderId {
        self.order.id
    }

    fn line(&self) -> String {
        format!(
            "declined: {} to pay and a balance of {}",
            self.order.total_cents, self.balance
        )
    }
}

impl OrderEvent for HandlerFailed {
    fn order_id(&self) -> OrderId {
        self.order_id
    }

    fn line(&self) -> String {
        format!(
            "{} failed on {}: {}",
            self.handler, self.event, self.message
        )
    }
}
