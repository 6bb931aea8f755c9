//! The store of orders.

use std::collections::HashMap;
use std::sync::Arc;

use sqlx::SqliteConnection;

use crate::{
    Cents, Customer, Database, DatabaseError, InvalidOrder, Item, NewOrder, Order, OrderId,
    PlaceError, Status, TrackedOrder,
};

/// The store of orders: it finds and lists them.
#[derive(Clone, Debug)]
pub struct OrderStore {
    database: Database,
}

type OrderRow = (i64, String, String, String, i64, String, String);

const ORDERS: &str = "
    SELECT orders.id, customers.id, customers.name, customers.email, total_cents, placed_at, status
    FROM orders JOIN customers ON customers.id = orders.customer
    WHERE orders.id > ? AND orders.id <= ? ORDER BY orders.id LIMIT ?";

const ITEMS: &str = "
    SELECT order_id, sku, quantity, price_cents FROM order_items
    WHERE order_id > ? AND order_id <= ? ORDER BY order_id, rowid";

impl OrderStore {
    /// The orders of `database`.
    #[must_use]
    pub const fn new(database: Database) -> Self {
        Self { database }
    }

    pub(crate) const fn database(&self) -> &Database {
        &self.database
    }

    /// Finds the order with this number, if there is one.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn find(&self, id: OrderId) -> Result<Option<TrackedOrder>, DatabaseError> {
        let found = self.between(id.0.saturating_sub(1), id.0, 1).await?;
        Ok(found.into_iter().next())
    }

    /// Returns the orders after this number, sorted by number, at most `limit`.
    ///
    /// # Errors
    ///
    /// If the database fails.
    pub async fn list(
        &self,
        after: OrderId,
        most: u32,
    ) -> Result<Vec<TrackedOrder>, DatabaseError> {
        self.between(after.0, i64::MAX, most).await
    }

    async fn between(
        &self,
        after: i64,
        last: i64,
        most: u32,
    ) -> Result<Vec<TrackedOrder>, DatabaseError> {
        let mut reading = self.database.readers().begin().await?;
        let rows: Vec<OrderRow> = sqlx::query_as(ORDERS)
            .bind(after)
            .bind(last)
            .bind(most)
            .fetch_all(&mut *reading)
            .await?;
        let last = rows.last().map_or(after, |row| row.0);
        let mut items: HashMap<i64, Vec<Item>> = HashMap::new();
        let item_rows: Vec<(i64, String, u32, i64)> = sqlx::query_as(ITEMS)
            .bind(after)
            .bind(last)
            .fetch_all(&mut *reading)
            .await?;
        for (order_id, sku, quantity, price) in item_rows {
            items.entry(order_id).or_default().push(Item {
                sku,
                quantity,
                price_cents: Cents(price),
            });
        }
        let orders = rows.into_iter().map(|row| {
            let items = items.remove(&row.0).unwrap_or_default();
            tracked(row, items)
        });
        Ok(orders.collect())
    }
}

fn tracked(row: OrderRow, items: Vec<Item>) -> TrackedOrder {
    let (id, customer, name, email, total, placed_at, status) = row;
    let order = Order {
        id: OrderId(id),
        customer: Customer {
            id: customer,
            name,
            email,
        },
        items,
        total_cents: Cents(total),
        placed_at,
    };
    TrackedOrder {
        order: Arc::new(order),
        status: Status::parse(&status).expect("the table holds nothing else"),
    }
}

/// Saves a new order, at today's prices.
pub(crate) async fn save(
    transaction: &mut SqliteConnection,
    new: &NewOrder,
) -> Result<Order, PlaceError> {
    let customer: Option<(String, String)> =
        sqlx::query_as("SELECT name, email FROM customers WHERE id = ?")
            .bind(&new.customer)
            .fetch_optional(&mut *transaction)
            .await?;
    let Some((name, email)) = customer else {
        return Err(InvalidOrder::UnknownCustomer(new.customer.clone()).into());
    };
    let mut items = Vec::with_capacity(new.items.len());
    for wanted in &new.items {
        let quantity = wanted.checked_quantity()?;
        let price: Option<i64> =
            sqlx::query_scalar("SELECT price_cents FROM products WHERE sku = ?")
                .bind(&wanted.sku)
                .fetch_optional(&mut *transaction)
                .await?;
        let Some(price) = price else {
            return Err(InvalidOrder::UnknownProduct(wanted.sku.clone()).into());
        };
        items.push(Item {
            sku: wanted.sku.clone(),
            quantity,
            price_cents: Cents(price),
        });
    }
    let total_cents: Cents = items
        .iter()
        .map(|item| item.price_cents.times(item.quantity))
        .sum();
    let (id, placed_at): (i64, String) = sqlx::query_as(
        "INSERT INTO orders (customer, total_cents) VALUES (?, ?) RETURNING id, placed_at",
    )
    .bind(&new.customer)
    .bind(total_cents.0)
    .fetch_one(&mut *transaction)
    .await?;
    for item in &items {
        sqlx::query(
            "INSERT INTO order_items (order_id, sku, quantity, price_cents) VALUES (?, ?, ?, ?)",
        )
        .bind(id)
        .bind(&item.sku)
        .bind(item.quantity)
        .bind(item.price_cents.0)
        .execute(&mut *transaction)
        .await?;
    }
    Ok(Order {
        id: OrderId(id),
        customer: Customer {
            id: new.customer.clone(),
            name,
            email,
        },
        items,
        total_cents,
        placed_at,
    })
}
