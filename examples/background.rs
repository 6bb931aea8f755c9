//! Work in the background, with retries and without a database: `cargo run --example background --features durable`.
//!
//! Each order of a CSV file publishes the durable event `OrderPlaced` in a transaction. After the commit a worker
//! delivers it to each handler by itself: a handler that fails is tried again, and the others are done.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use eventful::durable::store::{DeadFilter, Store};
use eventful::durable::{HandlerError, Memory, MemoryTransaction, Worker, current};
use eventful::{event, handler, on_dead};
use serde::{Deserialize, Serialize};

#[event(durable, name = "order.placed", key = customer_id)]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: u64,
    customer_id: u64,
    email: String,
    product: String,
    quantity: u32,
}

/// The customer cannot be reached by mail.
#[event(durable, name = "order.call_wanted")]
#[derive(Serialize, Deserialize)]
struct CallWanted {
    order_id: u64,
}

/// The mail server refuses mails at first. The key is the customer: while a mail is to be tried again, the next one of
/// that customer waits behind it, and those of others go on.
#[handler(
    OrderPlaced,
    id = "mail.confirm",
    retry(attempts = 4, first = "2s", longest = "1m")
)]
async fn confirm(event: &OrderPlaced, mailer: &Mailer) -> Result<(), HandlerError> {
    if event.email.starts_with("edsger@") {
        // No retry makes the address right.
        return Err(HandlerError::permanent("550 there is no such mailbox"));
    }
    mailer.send(event.order_id, &event.email)?;
    Ok(())
}

/// The compensation for a mail that is never sent.
#[on_dead("mail.confirm")]
fn call_instead(event: &OrderPlaced) -> CallWanted {
    CallWanted {
        order_id: event.order_id,
    }
}

#[handler(CallWanted, id = "support.call")]
fn call(event: &CallWanted, journal: &Journal) {
    journal.add(event.order_id, "call wanted");
}

/// The stock changes together with the acknowledgement of the event, so it changes once.
#[handler(OrderPlaced, id = "stock.reserve")]
async fn reserve(event: &OrderPlaced, transaction: &mut MemoryTransaction, stock: &Arc<Stock>) {
    let (stock, product, quantity) = (Arc::clone(stock), event.product.clone(), event.quantity);
    transaction.on_commit(move || stock.take(product, quantity));
}

/// A plain function may block: it runs on a thread for that.
#[handler(OrderPlaced, id = "audit.line")]
fn audit(event: &OrderPlaced, journal: &Journal) {
    journal.add(
        event.order_id,
        &format!("{} × {}", event.quantity, event.product),
    );
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let store = Memory::new();
    let (journal, stock) = (Arc::new(Journal::default()), Arc::new(Stock::default()));
    let bus = eventful::bus!()
        .provide(Mailer {
            journal: Arc::clone(&journal),
            tries: Mutex::default(),
        })
        .provide_arc(Arc::clone(&journal))
        .provide(Arc::clone(&stock))
        .build()?;
    let worker = Worker::builder(&bus, store.clone()).build().await?;

    for order in read(Path::new("examples/data/orders.csv"))? {
        let mut transaction = store.begin();
        order.publish(&mut transaction).await?;
        transaction.commit();
    }
    // Rolled back, so nobody hears of it.
    let cancelled = OrderPlaced {
        order_id: 1999,
        customer_id: 7,
        email: "ada@example.com".to_owned(),
        product: "Blue teapot".to_owned(),
        quantity: 100,
    };
    let mut transaction = store.begin();
    cancelled.publish(&mut transaction).await?;
    transaction.rollback();

    // A service would await `worker.run_until(shutdown)`. Here the clock of the store is moved by hand.
    println!("now:");
    worker.run_until_idle().await?;
    journal.print_new();
    for pause in [2, 4] {
        store.move_clock(Duration::from_secs(pause));
        worker.run_until_idle().await?;
        println!("after {pause} more seconds:");
        journal.print_new();
    }
    summarise(&store, &stock).await
}

async fn summarise(store: &Memory, stock: &Stock) -> Result<(), Box<dyn Error>> {
    println!("taken from the stock:");
    for (product, quantity) in &*stock.taken.lock().unwrap() {
        println!("  {quantity} × {product}");
    }
    println!("subscriptions:");
    for state in store.subscriptions().await? {
        let retries: u64 = state.partitions.iter().map(|it| it.retries).sum();
        println!(
            "  {}: {retries} retries wait, {} dead",
            state.id, state.dead
        );
    }
    println!("dead letters:");
    for dead in store.dead_letters(&DeadFilter::default()).await? {
        let order: OrderPlaced = serde_json::from_slice(&dead.envelope.payload)?;
        let error = dead.failures.last().map_or("", |failure| &failure.text);
        println!(
            "  order {} in {}: {error}",
            order.order_id, dead.subscription
        );
    }
    Ok(())
}

/// A mail server that refuses the first two mails to each address.
struct Mailer {
    journal: Arc<Journal>,
    tries: Mutex<BTreeMap<String, u32>>,
}

impl Mailer {
    fn send(&self, order: u64, to: &str) -> Result<(), MailError> {
        let tries = {
            let mut tries = self.tries.lock().unwrap();
            let tries = tries.entry(to.to_owned()).or_default();
            *tries += 1;
            *tries
        };
        let attempt = current().and_then(|current| current.attempt);
        let attempt = attempt.map_or(0, |attempt| attempt.number);
        if tries <= 2 {
            self.journal
                .add(order, &format!("no mail to {to}, attempt {attempt}"));
            return Err(MailError);
        }
        self.journal
            .add(order, &format!("mail to {to}, attempt {attempt}"));
        Ok(())
    }
}

#[derive(Debug)]
struct MailError;

impl fmt::Display for MailError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("421 the mail server is not available")
    }
}

impl Error for MailError {}

/// The number of pieces that were taken from the stock, by product.
#[derive(Default)]
struct Stock {
    taken: Mutex<BTreeMap<String, u32>>,
}

impl Stock {
    fn take(&self, product: String, quantity: u32) {
        *self.taken.lock().unwrap().entry(product).or_default() += quantity;
    }
}

/// The lines that handlers have written.
#[derive(Default)]
struct Journal {
    lines: Mutex<Vec<String>>,
}

impl Journal {
    fn add(&self, order: u64, text: &str) {
        let line = format!("order {order}: {text}");
        self.lines.lock().unwrap().push(line);
    }

    /// Prints the new lines, sorted: events with different keys are handled at once.
    fn print_new(&self) {
        let mut lines = std::mem::take(&mut *self.lines.lock().unwrap());
        lines.sort();
        for line in lines {
            println!("  {line}");
        }
    }
}

/// The columns of the file that are needed here have the names of the fields.
fn read(file: &Path) -> Result<Vec<OrderPlaced>, csv::Error> {
    csv::Reader::from_path(file)?.deserialize().collect()
}
