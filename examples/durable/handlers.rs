//! The handlers of [`OrderPlaced`]. Each is delivered the event by itself, after the commit.

use std::io;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use eventful::durable::{HandlerError, current};
use eventful::handler;

use crate::lines::{Audit, Mails};
use crate::shop::OrderPlaced;

/// An effect that is elsewhere. The id of the event is the same in each attempt, so a mail server could tell a second mail.
#[handler(
    OrderPlaced,
    id = "mail.confirm",
    retry(attempts = 5, first = "200ms", longest = "2s")
)]
async fn confirm(event: &OrderPlaced, mails: &Mails, crash: &Crash) -> Result<(), HandlerError> {
    let order = event.order_id;
    if event.email.starts_with("edsger@") {
        println!("  mail   order {order}: there is no such mailbox, and no retry changes that");
        return Err(HandlerError::permanent("550 there is no such mailbox"));
    }
    let current = current().ok_or("no event is in hand")?;
    let attempt = current.attempt.map_or(1, |attempt| attempt.number);
    if event.email.starts_with("grace@") && attempt == 1 {
        println!("  mail   order {order}: the server is not available, it is tried again");
        return Err("421 the mail server is not available".into());
    }
    tokio::time::sleep(mails.takes).await;
    mails.lines.add(format_args!(
        "{order} attempt {attempt}, to {}, event {}",
        event.email, current.event_id
    ))?;
    println!("  mail   order {order}: sent, attempt {attempt}");
    crash.in_the_middle_of("mail.confirm", order);
    Ok(())
}

/// Tells of a reservation. The handlers `stock.reserve` are beside the stores, whose connections they take.
pub(crate) fn reserved(event: &OrderPlaced, crash: &Crash) {
    let (order, quantity, product) = (event.order_id, event.quantity, &event.product);
    println!("  stock  order {order}: {quantity} × {product}");
    crash.in_the_middle_of("stock.reserve", order);
}

/// A plain function may block: it runs on a thread for that.
#[handler(OrderPlaced, id = "audit.line")]
fn audit(event: &OrderPlaced, audit: &Audit, crash: &Crash) -> io::Result<()> {
    let (order, customer) = (event.order_id, event.customer_id);
    audit
        .0
        .add(format_args!("{order} placed by customer {customer}"))?;
    println!("  audit  order {order}: written");
    crash.in_the_middle_of("audit.line", order);
    Ok(())
}

/// Ends the process in the middle of a handler, as a lack of memory or `kill -9` would.
pub(crate) struct Crash {
    after: Option<NonZeroU32>,
    handlers: AtomicU32,
}

impl Crash {
    pub(crate) fn new(after: Option<NonZeroU32>) -> Self {
        Self {
            after,
            handlers: AtomicU32::new(0),
        }
    }

    /// Counts a handler, whose work is done and not yet acknowledged.
    fn in_the_middle_of(&self, handler: &str, order: i64) {
        let number = self.handlers.fetch_add(1, Ordering::Relaxed) + 1;
        if self.after.is_some_and(|after| after.get() == number) {
            println!(
                "crash in the middle of {handler} for order {order}: run it again without --crash-after"
            );
            std::process::abort();
        }
    }

    /// The number of handlers that did their work in this run.
    pub(crate) fn handlers(&self) -> u32 {
        self.handlers.load(Ordering::Relaxed)
    }
}
