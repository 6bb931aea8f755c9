//! The database and the folder of mails when all is over, and a check that they agree.

use std::collections::HashMap;

use orders::{AuditTrail, Database, OrderId, OrderStore, Status, TrackedOrder};
use storefront::{Options, stored_mails};

/// The facts about one order.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) order: TrackedOrder,
    /// The names of its events, as the audit has them.
    pub(crate) events: Vec<String>,
    /// The texts of its lines in the audit.
    pub(crate) lines: Vec<String>,
    /// The subjects of its mails.
    pub(crate) mails: Vec<String>,
}

/// The state in the beginning, for [`read`] to compare with.
pub(crate) async fn begin(options: &Options, stock_up: &'static [&'static str]) {
    let database = Database::open(&options.database).await.unwrap();
    let mut transaction = database.write().await.unwrap();
    for &statement in stock_up.iter().chain(&[
        "CREATE TABLE stocked AS SELECT sku, in_stock FROM products",
        "CREATE TABLE funded AS SELECT id, balance_cents FROM customers",
    ]) {
        sqlx::query(statement)
            .execute(&mut *transaction)
            .await
            .unwrap();
    }
    transaction.commit().await.unwrap();
    database.close().await;
}

/// Each counts what does not agree.
const DISAGREEMENTS: [&str; 7] = [
    // All pieces are in stock, or kept for an order.
    "SELECT count(*) FROM stocked JOIN products USING (sku)
     WHERE stocked.in_stock <> products.in_stock
         + (SELECT coalesce(sum(quantity), 0) FROM reservations WHERE sku = stocked.sku)",
    // All pieces that are kept are paid, and the other way round.
    "SELECT count(*) FROM (
         SELECT order_id, sku, quantity FROM reservations EXCEPT
         SELECT order_id, sku, quantity FROM order_items JOIN orders ON id = order_id WHERE status = 'paid')",
    "SELECT count(*) FROM (
         SELECT order_id, sku, quantity FROM order_items JOIN orders ON id = order_id WHERE status = 'paid' EXCEPT
         SELECT order_id, sku, quantity FROM reservations)",
    "SELECT count(*) FROM (
         SELECT order_id, cents FROM payments EXCEPT
         SELECT id, total_cents FROM orders WHERE status = 'paid')",
    "SELECT count(*) FROM (
         SELECT id, total_cents FROM orders WHERE status = 'paid' EXCEPT
         SELECT order_id, cents FROM payments)",
    // All money is with the customers, or was paid.
    "SELECT count(*) FROM funded JOIN customers USING (id)
     WHERE funded.balance_cents <> customers.balance_cents
         + (SELECT coalesce(sum(cents), 0) FROM payments JOIN orders ON orders.id = order_id WHERE customer = funded.id)",
    // Each order has one key.
    "SELECT count(*) FROM orders
     WHERE (SELECT count(*) FROM idempotency_keys WHERE order_id = orders.id) <> 1",
];

/// Reads all of it, and sees that stock, balances and orders agree.
pub(crate) async fn read(options: &Options) -> Vec<Entry> {
    let database = Database::open(&options.database).await.unwrap();
    for query in DISAGREEMENTS {
        let found: i64 = sqlx::query_scalar(query)
            .fetch_one(database.readers())
            .await
            .unwrap();
        assert_eq!(found, 0, "{query}");
    }
    let mut entries = Vec::new();
    let mut places = HashMap::new();
    let store = OrderStore::new(database.clone());
    for order in store.list(OrderId(0), u32::MAX).await.unwrap() {
        places.insert(order.order.id, entries.len());
        entries.push(Entry {
            order,
            events: Vec::new(),
            lines: Vec::new(),
            mails: Vec::new(),
        });
    }
    let trail = AuditTrail::new(database.clone());
    for line in trail.lines(None, 0, u32::MAX).await.unwrap() {
        let entry = &mut entries[places[&line.order_id]];
        entry.events.push(line.event);
        entry.lines.push(line.line);
    }
    for mail in stored_mails(&options.mail_dir).await.unwrap() {
        let entry = &mut entries[places[&mail.order_id]];
        entry.mails.push(mail.subject);
    }
    database.close().await;
    entries
}

impl Entry {
    pub(crate) fn id(&self) -> OrderId {
        self.order.order.id
    }

    /// The events of an order with its outcome, if nothing fails.
    pub(crate) fn expected_events(&self) -> &'static [&'static str] {
        match self.order.status {
            Status::Paid => &["order.created", "order.stock_reserved", "order.paid"],
            Status::Declined => &[
                "order.created",
                "order.stock_reserved",
                "order.payment_declined",
            ],
            Status::Short => &["order.created", "order.stock_short"],
            status => panic!("order {} has no outcome, but is `{status}`", self.id()),
        }
    }

    /// The subject of the mail about its outcome.
    pub(crate) fn expected_mail(&self) -> String {
        let outcome = match self.order.status {
            Status::Paid => "is on its way",
            Status::Declined => "could not be paid",
            Status::Short => "is out of stock",
            status => panic!("order {} has no outcome, but is `{status}`", self.id()),
        };
        format!("Your order {} {outcome}", self.id())
    }
}
