use std::time::Instant;

use eventful::durable::MemoryTransaction;
use eventful::{event, handler};
use serde::{Deserialize, Serialize};

#[event(durable, name = "order.placed")]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
    placed_at: Instant,
}

#[handler(OrderPlaced, id = "stock.reserve")]
async fn reserve(event: &OrderPlaced, stock: &Stock) -> Result<(), StockError> {
    stock.reserve(event.order_id).await
}

#[handler(OrderPlaced, id = "mail.confirm", after = reserve)]
async fn confirm(event: &OrderPlaced, mailer: &Mailer) {
    mailer.send(event.order_id).await;
}

async fn place(order_id: u64, transaction: &mut MemoryTransaction) {
    let placed_at = Instant::now();
    OrderPlaced { order_id, placed_at }.publish(transaction).await.ok();
}

struct Stock;

impl Stock {
    async fn reserve(&self, _: u64) -> Result<(), StockError> {
        Ok(())
    }
}

type StockError = std::io::Error;

struct Mailer;

impl Mailer {
    async fn send(&self, _: u64) {}
}

fn main() {}
