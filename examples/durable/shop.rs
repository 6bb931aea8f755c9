//! Orders in a database, and the event that goes with each.

#[cfg(feature = "postgres")]
pub(crate) mod postgres;
pub(crate) mod sqlite;

use std::error::Error;
use std::path::Path;

use eventful::durable::store::Store;
use eventful::event;
use serde::{Deserialize, Serialize};

/// An order was placed. The columns of the CSV file that are needed here have the names of the fields.
#[event(durable, name = "order.placed", key = customer_id)]
#[derive(Serialize, Deserialize)]
pub(crate) struct OrderPlaced {
    pub(crate) order_id: i64,
    pub(crate) customer_id: i64,
    pub(crate) email: String,
    pub(crate) product: String,
    pub(crate) quantity: i64,
}

pub(crate) enum Placed {
    Now,
    /// An earlier run has placed it, or another one at a time: neither a row nor an event was written.
    Before,
}

/// The rows of the shop, in the database of its events.
pub(crate) struct Rows {
    pub(crate) orders: i64,
    /// The orders, each with the number of its reservations.
    pub(crate) reservations: Vec<(i64, i64)>,
}

/// A database: each of the two has its own statements, and its own type of connection.
pub(crate) trait Shop {
    type Store: Store + Clone;

    fn store(&self) -> &Self::Store;

    /// Makes the tables of the store and of the shop, if they are not there.
    async fn make_tables(&self) -> Result<(), Box<dyn Error>>;

    /// Places an order: its row and its event are committed together, or neither is.
    async fn place(&self, order: &OrderPlaced) -> Result<Placed, Box<dyn Error>>;

    async fn rows(&self) -> Result<Rows, sqlx::Error>;

    /// Closes all connections. Returns what a person does to begin anew.
    async fn close(self) -> String;
}

pub(crate) fn read(csv: &Path) -> Result<Vec<OrderPlaced>, String> {
    let rows = csv::Reader::from_path(csv).and_then(|reader| reader.into_deserialize().collect());
    rows.map_err(|error| format!("{}: {error}", csv.display()))
}
