//! Handlers that fail, as the publisher sees them: `cargo run --example failures`.

use std::fmt;

use eventful::{event, handler};

#[event]
struct PaymentReceived {
    amount: u32,
}

#[derive(Debug, PartialEq)]
struct LedgerClosed;

impl fmt::Display for LedgerClosed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the ledger is closed")
    }
}

impl std::error::Error for LedgerClosed {}

#[handler(PaymentReceived, order = 1)]
fn enter_in_ledger(_: &PaymentReceived) -> Result<(), LedgerClosed> {
    Err(LedgerClosed)
}

#[handler(PaymentReceived, order = 2)]
fn print_receipt(event: &PaymentReceived) {
    assert!(event.amount < 1000, "no paper for {} lines", event.amount);
    println!("receipt over {}", event.amount);
}

#[handler(PaymentReceived, order = 3)]
fn thank(event: &PaymentReceived) {
    println!("thank you for {}", event.amount);
}

// A veto: the first handler that fails keeps the others from running, and `publish()?` passes its error on.
#[event(fail_fast)]
struct WithdrawalRequested {
    amount: u32,
}

#[handler(WithdrawalRequested)]
fn check_limit(event: &WithdrawalRequested) -> Result<(), String> {
    if event.amount > 500 {
        Err(format!("{} is over the limit of 500", event.amount))
    } else {
        Ok(())
    }
}

#[handler(WithdrawalRequested, after = check_limit)]
fn count_notes(event: &WithdrawalRequested) {
    println!("counting notes for {}", event.amount);
}

fn main() {
    // The bus logs failures; this prints the log.
    tracing_subscriber::fmt()
        .without_time()
        .with_ansi(false)
        .init();

    // One handler fails and one panics. The third runs all the same.
    if let Err(error) = (PaymentReceived { amount: 5000 }).publish() {
        println!("\n{error}\n");
        println!("handled by {} handlers", error.delivered().handled());
        for failure in error.into_failures() {
            let at = format!("{}:{}", failure.handler().file(), failure.handler().line());
            let ledger_closed = failure
                .error()
                .is_some_and(|error| error.downcast_ref() == Some(&LedgerClosed));
            println!(
                "{at}: panic: {}, ledger closed: {ledger_closed}",
                failure.is_panic()
            );
        }
    }

    println!();
    for amount in [100, 700] {
        match (WithdrawalRequested { amount }).publish() {
            Ok(delivered) => println!("{amount}: allowed by {} handlers", delivered.handled()),
            Err(error) => println!(
                "{amount}: refused, because {}",
                error.failures()[0].message()
            ),
        }
    }
}
