//! Everything that was done, over all runs on a database.

use std::collections::BTreeMap;
use std::error::Error;

use eventful::durable::store::{DeadFilter, Store};

use crate::lines::{Audit, Mails};
use crate::shop::{OrderPlaced, Rows, Shop};

pub(crate) async fn print(
    shop: &impl Shop,
    mails: &Mails,
    audit: &Audit,
) -> Result<(), Box<dyn Error>> {
    let Rows {
        orders,
        reservations,
    } = shop.rows().await?;
    let mails = mails.lines.by_order()?;
    let audit = audit.0.by_order()?;
    let dead = shop.store().dead_letters(&DeadFilter::default()).await?;

    println!("done, over all runs on this database, for {orders} orders:");
    println!("  reserved       {}", reservations.len());
    println!(
        "  mailed         {}, {} of them after a retry",
        mails.len(),
        retried(&mails)
    );
    println!("  in the audit   {}", audit.len());
    println!("  dead letters   {}", dead.len());
    for letter in &dead {
        let order: OrderPlaced = serde_json::from_slice(&letter.envelope.payload)?;
        let error = letter.failures.last().map_or("", |failure| &failure.text);
        println!(
            "    order {} in {}: {error}",
            order.order_id, letter.subscription
        );
    }
    println!("done more than once:");
    let reserved = reservations.into_iter().filter(|(_, count)| *count > 1);
    print_again("reservation", reserved.map(|(order, _)| order));
    print_again("mail", several(&mails));
    print_again("audit", several(&audit));
    Ok(())
}

/// The number of orders whose mail did not go at the first attempt.
fn retried(mails: &BTreeMap<i64, Vec<String>>) -> usize {
    let is_first = |line: &String| line.contains(" attempt 1,");
    let orders = mails.values();
    orders.filter(|lines| !lines.iter().any(is_first)).count()
}

fn several(lines: &BTreeMap<i64, Vec<String>>) -> impl Iterator<Item = i64> {
    let orders = lines.iter().filter(|(_, lines)| lines.len() > 1);
    orders.map(|(order, _)| *order)
}

fn print_again(what: &str, orders: impl Iterator<Item = i64>) {
    let orders: Vec<String> = orders.map(|order| order.to_string()).collect();
    let orders = if orders.is_empty() {
        "none".to_owned()
    } else {
        orders.join(", ")
    };
    println!("  {what:<14} {orders}");
}
