//! The same service with direct calls does the same: what the README compares is real.

#[path = "../http/books.rs"]
mod books;
mod direct;
#[path = "../http/options.rs"]
mod options;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use eventful::Bus;
use orders::{
    Attempt, AuditTrail, Database, Mail, MailError, Mailer, NewItem, NewOrder, OrderCache, OrderId,
    OrderStore, Placed, place,
};
use storefront::{Client, FolderMailer, Options, Server, ShopParts};

use crate::direct::DirectShop;
use crate::options::options_in;

/// Fails for one order and panics for another one.
struct FaultyMailer(FolderMailer);

#[async_trait]
impl Mailer for FaultyMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        match mail.order_id {
            OrderId(2) => Err(MailError::new("the box is full")),
            OrderId(4) => panic!("the pen broke at order {}", mail.order_id),
            _ => self.0.send(mail).await,
        }
    }
}

fn orders() -> Vec<NewOrder> {
    let wanted = [
        ("ada", "tea", 2),
        ("grace", "cup", 5),
        ("grace", "samovar", 2),
        ("linus", "tea", 1),
        ("alan", "kettle", 1),
        ("ada", "samovar", 1),
        ("ada", "samovar", 1),
    ];
    let orders = wanted.into_iter().map(|(customer, sku, quantity)| {
        let sku = sku.to_owned();
        let items = vec![NewItem { sku, quantity }];
        let customer = customer.to_owned();
        NewOrder { customer, items }
    });
    orders.collect()
}

async fn parts(options: &Options) -> ShopParts {
    let database = Database::open(&options.database).await.unwrap();
    let mailer = FolderMailer::open(&options.mail_dir, options.mail_from.clone());
    let mailer = Arc::new(FaultyMailer(mailer.await.unwrap()));
    ShopParts { database, mailer }
}

async fn with_events(options: &Options) {
    let server = Server::start_with(options, parts(options).await)
        .await
        .unwrap();
    let mut client = Client::connect(server.address()).await.unwrap();
    for (number, order) in orders().iter().enumerate() {
        let answer = client.order(&number.to_string(), order).await.unwrap();
        assert!(answer.status.is_success(), "{answer:?}");
    }
    drop(client);
    server.stop().await.unwrap();
}

async fn with_direct_calls(options: &Options) {
    let ShopParts { database, mailer } = parts(options).await;
    let shop = DirectShop {
        database: database.clone(),
        cache: OrderCache::new(10),
        trail: AuditTrail::new(database.clone()),
        mailer,
    };
    let store = OrderStore::new(database.clone());
    let nobody = Bus::isolated().build().unwrap();
    for (number, order) in orders().iter().enumerate() {
        let attempt = Attempt::new(&number.to_string(), b"").unwrap();
        let placed = place(&nobody, &store, &attempt, order).await.unwrap();
        let Placed::Now(placed) = placed else {
            panic!("it is new")
        };
        shop.created(placed.order).await;
    }
    database.close().await;
}

/// For each order its status, the lines of its audit and its mails.
async fn told(options: &Options) -> Vec<String> {
    let entries = books::read(options).await;
    let told = entries.iter().map(|entry| {
        let failed = if entry.mails == [entry.expected_mail()] {
            ""
        } else {
            " and a failure"
        };
        let beginning = entry
            .events
            .iter()
            .zip(entry.expected_events())
            .all(|(event, expected)| event == expected);
        assert!(beginning, "{entry:#?}");
        format!(
            "{} is {}{failed}: {:?} {:?}",
            entry.id(),
            entry.order.status,
            entry.events,
            entry.lines
        )
    });
    told.collect()
}

#[tokio::test]
async fn direct_calls_and_events_do_the_same() {
    let [one, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let (events, calls) = (options_in(one.path()), options_in(other.path()));
    books::begin(&events, &[]).await;
    books::begin(&calls, &[]).await;
    with_events(&events).await;
    with_direct_calls(&calls).await;
    let (events, calls) = (told(&events).await, told(&calls).await);
    assert_eq!(events, calls);
    assert_eq!(events.len(), orders().len());
    assert_eq!(
        events
            .iter()
            .filter(|told| told.contains("a failure"))
            .count(),
        2
    );
}

/// Returns the number of lines of code from one with `first` in it up to one with `last`.
fn count(file: &str, first: &str, last: &str) -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().map(str::trim);
    let mut code = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    let from_first = code.by_ref().skip_while(|line| !line.contains(first));
    let before_last = from_first.take_while(|line| !line.contains(last));
    before_last.count()
}

#[test]
fn the_readme_counts_the_lines_of_both() {
    let direct = count("tests/direct_calls/direct.rs", "use", "never");
    let builder = 1 + count("src/shop.rs", "let bus = eventful::bus!()", ".build()?;");
    let handlers = [
        "stock/src/reserve.rs",
        "stock/src/release.rs",
        "billing/src/charge.rs",
        "notifications/src/lib.rs",
        "audit/src/lib.rs",
        "orders/src/cache.rs",
    ];
    let handlers = handlers.into_iter().map(|file| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
        fs::read_to_string(path)
            .unwrap()
            .matches("#[handler(")
            .count()
    });
    let events = count("src/failures.rs", "use", "never") + builder + handlers.sum::<usize>();
    let readme = include_str!("../../../README.md");
    let row = format!("| code that ties the parts together | {events} lines | {direct} lines |");
    assert!(readme.contains(&row), "{row}");
}
