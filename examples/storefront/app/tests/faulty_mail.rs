//! A mail transport that fails or panics now and then: in a process of its own, which has one log and one set of
//! metrics.

#[path = "http/books.rs"]
mod books;
#[path = "http/options.rs"]
mod options;

use std::io;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use orders::{Database, Mail, MailError, Mailer, NewItem, NewOrder, OrderId, TrackedOrder};
use storefront::{Client, FolderMailer, Server, ShopParts};
use tokio::task::JoinSet;

use crate::books::Entry;
use crate::options::options_in;

/// Fails on every tenth mail, in turn with an error and with a panic.
struct FaultyMailer {
    mailer: FolderMailer,
    mails: Arc<Mutex<Mails>>,
}

#[derive(Default)]
struct Mails {
    count: usize,
    failed: Vec<OrderId>,
    panicked: Vec<OrderId>,
}

#[async_trait]
impl Mailer for FaultyMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let id = mail.order_id;
        let count = {
            let mut mails = self.mails.lock().unwrap();
            mails.count += 1;
            match mails.count % 20 {
                10 => mails.failed.push(id),
                0 => mails.panicked.push(id),
                _ => {}
            }
            mails.count
        };
        match count % 20 {
            10 => Err(MailError::new(format!("no room for order {id}."))),
            0 => panic!("the pen broke at order {id}."),
            _ => self.mailer.send(mail).await,
        }
    }
}

/// The log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn start() -> Self {
        let log = Self::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .init();
        log
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

const CLIENTS: i64 = 10;
const ORDERS_EACH: i64 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn each_failure_is_seen_everywhere_and_nothing_else_is_lost() {
    let log = Log::start();
    let folder = tempfile::tempdir().unwrap();
    let options = options_in(folder.path());
    books::begin(&options, &[]).await;
    let database = Database::open(&options.database).await.unwrap();
    let mailer = FolderMailer::open(&options.mail_dir, options.mail_from.clone());
    let mails = Arc::<Mutex<Mails>>::default();
    let mailer = Arc::new(FaultyMailer {
        mailer: mailer.await.unwrap(),
        mails: Arc::clone(&mails),
    });
    let server = Server::start_with(&options, ShopParts { database, mailer })
        .await
        .unwrap();
    place_orders(&server).await;
    let metrics = read_metrics(&server).await;
    server.stop().await.unwrap();

    let Mails {
        count,
        failed,
        panicked,
    } = std::mem::take(&mut *mails.lock().unwrap());
    assert_eq!((count, failed.len(), panicked.len()), (200, 10, 10));

    let entries = books::read(&options).await;
    assert_eq!(entries.len(), count);
    for entry in &entries {
        check(
            entry,
            failed.contains(&entry.id()),
            panicked.contains(&entry.id()),
        );
    }

    let log = log.text();
    let errors: Vec<_> = log
        .lines()
        .filter(|line| line.contains(" ERROR "))
        .collect();
    assert_eq!(errors.len(), failed.len() + panicked.len(), "{log}");
    let reasons = failed.iter().map(|id| format!("no room for order {id}."));
    for reason in reasons.chain(
        panicked
            .iter()
            .map(|id| format!("the pen broke at order {id}.")),
    ) {
        let told = errors
            .iter()
            .filter(|line| line.contains(&reason) && line.contains("handler=\"notifications::"));
        assert_eq!(told.count(), 1, "{reason} in\n{log}");
    }

    for (outcome, expected) in [
        ("failed", failed.len()),
        ("panicked", panicked.len()),
        ("handled", 180),
    ] {
        assert_eq!(count_mails(&metrics, outcome), expected, "{metrics}");
    }
}

/// Orders with every outcome.
async fn place_orders(server: &Server) {
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let address = server.address();
        clients.spawn(async move {
            let mut client = Client::connect(address).await.unwrap();
            for order in 0..ORDERS_EACH {
                let customer = ["ada", "linus"][usize::from(order % 3 == 0)].to_owned();
                let sku = ["tea", "samovar"][usize::from(order % 4 == 0)].to_owned();
                let items = vec![NewItem { sku, quantity: 1 }];
                let new = NewOrder { customer, items };
                let answer = client
                    .order(&format!("{number}-{order}"), &new)
                    .await
                    .unwrap();
                assert!(answer.read::<TrackedOrder>().unwrap().status.is_outcome());
            }
        });
    }
    clients.join_all().await;
}

fn check(entry: &Entry, is_failed: bool, is_panicked: bool) {
    let handler = match entry.expected_events().last() {
        Some(&"order.paid") => "notifications::confirm failed on order.paid",
        Some(&"order.payment_declined") => {
            "notifications::ask_for_money failed on order.payment_declined"
        }
        _ => "notifications::apologise failed on order.stock_short",
    };
    let id = entry.id();
    let reason = if is_failed {
        format!("the mail was not sent: no room for order {id}.")
    } else if is_panicked {
        format!("the pen broke at order {id}.")
    } else {
        assert_eq!(entry.events, entry.expected_events(), "{entry:#?}");
        assert_eq!(entry.mails, [entry.expected_mail()], "{entry:#?}");
        return;
    };
    let (last, events) = entry.events.split_last().unwrap();
    assert_eq!(events, entry.expected_events(), "{entry:#?}");
    assert_eq!(last, "order.handler_failed", "{entry:#?}");
    assert_eq!(
        entry.lines.last(),
        Some(&format!("{handler}: {reason}")),
        "{entry:#?}"
    );
    assert!(entry.mails.is_empty(), "{entry:#?}");
}

async fn read_metrics(server: &Server) -> String {
    let mut client = Client::connect(server.address()).await.unwrap();
    let answer = client.get("/metrics").await.unwrap();
    String::from_utf8(answer.body.to_vec()).unwrap()
}

/// Returns the number of handlers of notifications with this outcome.
fn count_mails(metrics: &str, outcome: &str) -> usize {
    let outcome = format!("outcome=\"{outcome}\"");
    let lines = metrics.lines().filter(|line| {
        line.starts_with("eventful_handlers_total{")
            && line.contains("handler=\"notifications::")
            && line.contains(&outcome)
    });
    let counts = lines.map(|line| line.rsplit(' ').next().unwrap().parse::<usize>().unwrap());
    counts.sum()
}
