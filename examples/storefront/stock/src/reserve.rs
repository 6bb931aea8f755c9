//! Reserving the items of an order, all or none.

use std::sync::Arc;

use eventful::{Either, handler};
use orders::events::{OrderCreated, Shortage, StockReserved, StockShort};
use orders::{Database, Order, Status, StepError, advance};
use sqlx::SqliteConnection;

/// Takes the items of an order out of the stock and keeps them for it, if there are enough of all.
///
/// # Errors
///
/// If the database fails, or the order is not a new one. Nothing is reserved then.
#[handler(OrderCreated)]
pub async fn reserve(
    event: &OrderCreated,
    database: &Database,
) -> Result<Either<StockReserved, StockShort>, StepError> {
    let order = &event.order;
    let mut transaction = database.write().await?;
    let shortages = find_shortages(order, &mut transaction).await?;
    if !shortages.is_empty() {
        advance(&mut transaction, order.id, Status::Placed, Status::Short).await?;
        transaction.commit().await?;
        let order = Arc::clone(order);
        return Ok(Either::Right(StockShort { order, shortages }));
    }
    take(order, &mut transaction).await?;
    advance(&mut transaction, order.id, Status::Placed, Status::Reserved).await?;
    transaction.commit().await?;
    let order = Arc::clone(order);
    Ok(Either::Left(StockReserved { order }))
}

async fn find_shortages(
    order: &Order,
    transaction: &mut SqliteConnection,
) -> Result<Vec<Shortage>, sqlx::Error> {
    let mut shortages = Vec::new();
    for item in &order.items {
        let in_stock: u32 = sqlx::query_scalar("SELECT in_stock FROM products WHERE sku = ?")
            .bind(&item.sku)
            .fetch_one(&mut *transaction)
            .await?;
        if in_stock < item.quantity {
            shortages.push(Shortage {
                sku: item.sku.clone(),
                wanted: item.quantity,
                in_stock,
            });
        }
    }
    Ok(shortages)
}

async fn take(order: &Order, transaction: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    for item in &order.items {
        sqlx::query("UPDATE products SET in_stock = in_stock - ? WHERE sku = ?")
            .bind(item.quantity)
            .bind(&item.sku)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("INSERT INTO reservations (order_id, sku, quantity) VALUES (?, ?, ?)")
            .bind(order.id.0)
            .bind(&item.sku)
            .bind(item.quantity)
            .execute(&mut *transaction)
            .await?;
    }
    Ok(())
}
