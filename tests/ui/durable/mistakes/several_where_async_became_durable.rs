use std::time::Instant;

use eventful::{event, handler};

#[event(durable, name = "order.placed")]
struct OrderPlaced {
    order_id: u64,
    placed_at: Instant,
}

#[handler(OrderPlaced)]
async fn reserve(event: &OrderPlaced, stock: &Stock) -> Result<(), StockError> {
    stock.reserve(event.order_id).await
}

#[handler(OrderPlaced, after = reserve)]
async fn confirm(event: &OrderPlaced, mailer: &Mailer) {
    mailer.send(event.order_id).await;
}

async fn place(order_id: u64) {
    let placed_at = Instant::now();
    OrderPlaced { order_id, placed_at }.publish().await.ok();
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
