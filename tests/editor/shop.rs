//! A program of a user in the editor. `tests/editor.rs` asks about places in it.

use eventful::{event, family, handler, handlers};

/// The family of events that the auditors read.
#[family]
pub trait Auditable {
    fn line(&self) -> String;
}

/// An order was created.
#[event]
pub struct OrderCreated {
    pub order_id: u64,
}

#[event(async, as(dyn Auditable))]
pub struct OrderPaid {
    pub total: u64,
}

impl Auditable for OrderPaid {
    fn line(&self) -> String {
        self.total.to_string()
    }
}

#[event(handlers = 0..=1)]
pub struct OrderShipped;

pub mod events {
    #[eventful::event]
    pub struct StockReserved;
}

pub struct Connection;

#[event(with = mut Connection)]
pub struct OrderPacked;

/// The orders in memory.
pub struct Cache;

impl Cache {
    fn forget(&self, _order_id: u64) {}
}

pub trait Mailer: Send + Sync {
    fn send(&self, total: u64) -> Result<(), MailError>;
}

pub type MailError = std::io::Error;

#[handler(OrderCreated)]
fn update_cache(event: &OrderCreated, cache: &Cache) {
    cache.forget(event.order_id);
}

#[handler(OrderCreated, after = update_cache)]
fn reserve(_event: &OrderCreated, _cache: &Cache, _mailer: Option<&dyn Mailer>) -> events::StockReserved {
    events::StockReserved
}

#[handler(OrderPaid, when = |event| event.total > 100)]
async fn notify(event: &OrderPaid, mailer: &dyn Mailer) -> Result<(), MailError> {
    mailer.send(event.total)
}

#[handler(OrderPacked)]
fn store(_event: &OrderPacked, connection: &mut Connection) {
    let Connection = connection;
}

#[handlers]
impl Cache {
    #[handler(OrderShipped)]
    fn clear(&self, _event: &OrderShipped) {
        self.forget(0);
    }
}

#[handler(OrderCreated, events::StockReserved)]
fn count<E: eventful::Event>(_event: &E) {}

#[handler(dyn Auditable)]
async fn audit(event: &dyn Auditable) {
    let _ = event.line();
}

pub fn create_order(order_id: u64) {
    OrderCreated { order_id }.publish().ok();
}
