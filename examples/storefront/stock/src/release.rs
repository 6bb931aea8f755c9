//! Giving the items of an order back to the stock.

use eventful::handler;
use orders::events::PaymentDeclined;
use orders::{Database, DatabaseError};

/// Puts the items that were kept for an order back into the stock. Those of an order that keeps none are not put back
/// again.
///
/// # Errors
///
/// If the database fails. Nothing is put back then.
#[handler(PaymentDeclined)]
pub async fn release(event: &PaymentDeclined, database: &Database) -> Result<(), DatabaseError> {
    let mut transaction = database.write().await?;
    let kept: Vec<(String, u32)> =
        sqlx::query_as("DELETE FROM reservations WHERE order_id = ? RETURNING sku, quantity")
            .bind(event.order.id.0)
            .fetch_all(&mut *transaction)
            .await?;
    for (sku, quantity) in kept {
        sqlx::query("UPDATE products SET in_stock = in_stock + ? WHERE sku = ?")
            .bind(quantity)
            .bind(sku)
            .execute(&mut *transaction)
            .await?;
    }
    Ok(transaction.commit().await?)
}
