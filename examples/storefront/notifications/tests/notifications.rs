//! The mails, without a mail server and without a database.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use eventful::Bus;
use eventful::testing::assert_handles;
use notifications::{apologise, ask_for_money, confirm};
use orders::events::{OrderPaid, PaymentDeclined, Shortage, StockShort};
use orders::{Cents, Customer, Item, Mail, MailError, Mailer, Order, OrderId};

#[derive(Default)]
struct Outbox {
    mails: Mutex<Vec<Mail>>,
    is_broken: bool,
}

#[async_trait]
impl Mailer for Outbox {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        if self.is_broken {
            return Err(MailError::new("the box is full"));
        }
        self.mails.lock().unwrap().push(mail.clone());
        Ok(())
    }
}

fn order() -> Arc<Order> {
    let text = String::from;
    Arc::new(Order {
        id: OrderId(7),
        customer: Customer {
            id: text("ada"),
            name: text("Ada Lovelace"),
            email: text("ada@example.com"),
        },
        items: vec![
            Item {
                sku: text("tea"),
                quantity: 3,
                price_cents: Cents(450),
            },
            Item {
                sku: text("pot"),
                quantity: 1,
                price_cents: Cents(2400),
            },
        ],
        total_cents: Cents(3750),
        placed_at: text("2026-01-01T00:00:00.000Z"),
    })
}

fn bus(outbox: &Arc<Outbox>) -> Bus {
    Bus::isolated()
        .with(confirm)
        .with(apologise)
        .with(ask_for_money)
        .provide_arc::<dyn Mailer>(outbox.clone())
        .build()
        .unwrap()
}

/// Address, subject and text of the only mail.
fn sent(outbox: &Outbox) -> (String, String, String) {
    let mails = std::mem::take(&mut *outbox.mails.lock().unwrap());
    let [mail] = mails.try_into().expect("one mail");
    let Mail {
        order_id,
        to,
        subject,
        text,
    } = mail;
    assert_eq!(order_id, OrderId(7));
    (to.email, subject, text)
}

#[tokio::test]
async fn each_outcome_is_one_mail_to_the_customer() {
    let outbox = Arc::new(Outbox::default());
    let bus = bus(&outbox);

    let balance = Cents(1250);
    bus.publish(&OrderPaid {
        order: order(),
        balance,
    })
    .await
    .unwrap();
    let (to, subject, text) = sent(&outbox);
    assert_eq!(
        (to.as_str(), subject.as_str(), text.as_str()),
        (
            "ada@example.com",
            "Your order 7 is on its way",
            "Dear Ada Lovelace,\n\nyour order is paid and on its way:\n\n  3 tea, 13.50\n  1 pot, 24.00\n  in all 37.50\n\n\
             Your balance is 12.50.\n"
        )
    );

    bus.publish(&PaymentDeclined {
        order: order(),
        balance,
    })
    .await
    .unwrap();
    let (_, subject, text) = sent(&outbox);
    assert_eq!(subject, "Your order 7 could not be paid");
    assert!(
        text.contains("your balance of 12.50 is too small"),
        "{text}"
    );

    let shortage = Shortage {
        sku: "pot".to_owned(),
        wanted: 1,
        in_stock: 0,
    };
    bus.publish(&StockShort {
        order: order(),
        shortages: vec![shortage],
    })
    .await
    .unwrap();
    let (_, subject, text) = sent(&outbox);
    assert_eq!(subject, "Your order 7 is out of stock");
    assert!(text.contains("  pot: 1 wanted, 0 in stock\n"), "{text}");
}

#[tokio::test]
async fn a_mail_that_is_not_sent_is_a_failure_of_its_handler() {
    let outbox = Arc::new(Outbox {
        is_broken: true,
        ..Outbox::default()
    });
    let event = OrderPaid {
        order: order(),
        balance: Cents(0),
    };
    let error = bus(&outbox).publish(&event).await.unwrap_err();
    let [failure] = error.failures() else {
        panic!("{error}")
    };
    assert_eq!(failure.message(), "the mail was not sent: the box is full");
    assert_eq!(failure.handler().id(), "notifications::confirm");
}

#[test]
fn it_listens_to_every_outcome() {
    assert_handles::<OrderPaid, _>(confirm);
    assert_handles::<StockShort, _>(apologise);
    assert_handles::<PaymentDeclined, _>(ask_for_money);
}
