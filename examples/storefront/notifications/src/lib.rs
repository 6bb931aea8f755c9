//! Notifications: one mail to the customer for each order, when its outcome is known.

use eventful::handler;
use orders::events::{OrderPaid, PaymentDeclined, StockShort};
use orders::{Mail, MailError, Mailer, Order};

/// Thanks for an order that is paid.
///
/// # Errors
///
/// If the mail cannot be sent.
#[handler(OrderPaid)]
pub async fn confirm(event: &OrderPaid, mailer: &dyn Mailer) -> Result<(), MailError> {
    let text = format!(
        "your order is paid and on its way:\n\n{}\nYour balance is {}.",
        items(&event.order),
        event.balance
    );
    mailer
        .send(&mail(&event.order, "is on its way", &text))
        .await
}

/// Names the products of which there are too few pieces.
///
/// # Errors
///
/// If the mail cannot be sent.
#[handler(StockShort)]
pub async fn apologise(event: &StockShort, mailer: &dyn Mailer) -> Result<(), MailError> {
    let shortages = event.shortages.iter().map(|shortage| {
        let (sku, wanted) = (&shortage.sku, shortage.wanted);
        format!("  {sku}: {wanted} wanted, {} in stock\n", shortage.in_stock)
    });
    let text = format!(
        "we are sorry that we do not have what you have ordered:\n\n{}\nNothing was debited.",
        shortages.collect::<String>()
    );
    mailer
        .send(&mail(&event.order, "is out of stock", &text))
        .await
}

/// Says that the balance is too small.
///
/// # Errors
///
/// If the mail cannot be sent.
#[handler(PaymentDeclined)]
pub async fn ask_for_money(event: &PaymentDeclined, mailer: &dyn Mailer) -> Result<(), MailError> {
    let text = format!(
        "your balance of {} is too small for your order:\n\n{}\nNothing was debited.",
        event.balance,
        items(&event.order)
    );
    mailer
        .send(&mail(&event.order, "could not be paid", &text))
        .await
}

fn mail(order: &Order, outcome: &str, text: &str) -> Mail {
    Mail {
        order_id: order.id,
        to: order.customer.clone(),
        subject: format!("Your order {} {outcome}", order.id),
        text: format!("Dear {},\n\n{text}\n", order.customer.name),
    }
}

fn items(order: &Order) -> String {
    let lines = order.items.iter().map(|item| {
        let price = item.price_cents.times(item.quantity);
        format!("  {} {}, {price}\n", item.quantity, item.sku)
    });
    let total = format!("  in all {}\n", order.total_cents);
    lines.chain([total]).collect()
}
