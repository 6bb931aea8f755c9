//! Debiting the price of an order.

use std::sync::Arc;

use eventful::{Either, handler};
use orders::events::{OrderPaid, PaymentDeclined, StockReserved};
use orders::{Cents, Database, Status, StepError, advance};

/// Debits the price of the order, once, if the customer's balance is large enough.
///
/// # Errors
///
/// If the database fails, or the order is not reserved. Nothing is debited then.
#[handler(StockReserved)]
pub async fn charge(
    event: &StockReserved,
    database: &Database,
) -> Result<Either<OrderPaid, PaymentDeclined>, StepError> {
    let order = Arc::clone(&event.order);
    let Cents(total) = order.total_cents;
    let mut transaction = database.write().await?;
    let balance: i64 = sqlx::query_scalar("SELECT balance_cents FROM customers WHERE id = ?")
        .bind(&order.customer.id)
        .fetch_one(&mut *transaction)
        .await?;
    if balance < total {
        advance(
            &mut transaction,
            order.id,
            Status::Reserved,
            Status::Declined,
        )
        .await?;
        transaction.commit().await?;
        let balance = Cents(balance);
        return Ok(Either::Right(PaymentDeclined { order, balance }));
    }
    sqlx::query("UPDATE customers SET balance_cents = balance_cents - ? WHERE id = ?")
        .bind(total)
        .bind(&order.customer.id)
        .execute(&mut *transaction)
        .await?;
    sqlx::query("INSERT INTO payments (order_id, cents) VALUES (?, ?)")
        .bind(order.id.0)
        .bind(total)
        .execute(&mut *transaction)
        .await?;
    advance(&mut transaction, order.id, Status::Reserved, Status::Paid).await?;
    transaction.commit().await?;
    let balance = Cents(balance - total);
    Ok(Either::Left(OrderPaid { order, balance }))
}
