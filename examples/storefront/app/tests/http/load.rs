//! Many clients at once, some of which hang up before they are answered.

use std::collections::{HashMap, HashSet};
use std::env;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use fastrand::Rng;
use orders::{NewItem, NewOrder, OrderId, Status, TrackedOrder};
use storefront::{Client, Options, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::books::{self, Entry};
use crate::options::options_in;

const CLIENTS: usize = 16;
const ORDERS: usize = 1000;
const CUT: usize = 200;

/// Far more than it takes, for a machine that is busy.
const LIMIT: Duration = Duration::from_mins(3);

/// So that all outcomes are frequent.
const STOCK_UP: &[&str] = &[
    "UPDATE products SET in_stock = 300",
    "UPDATE products SET in_stock = 50 WHERE sku = 'samovar'",
    "UPDATE customers SET balance_cents = 300 * balance_cents",
];

/// The request of a client, and its answer, unless the client hung up.
struct Sent {
    key: String,
    new: NewOrder,
    answer: Option<TrackedOrder>,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_orders_have_one_outcome_each_whoever_hangs_up() {
    timeout(LIMIT, load()).await.expect("it is over in time");
}

async fn load() {
    let seed = env::var("STOREFRONT_SEED")
        .map_or_else(|_| fastrand::u64(..), |seed| seed.parse().unwrap());
    println!("the clients' choices are those of STOREFRONT_SEED={seed}");
    let folder = tempfile::tempdir().unwrap();
    let options = options_in(folder.path());
    books::begin(&options, STOCK_UP).await;

    let started = Instant::now();
    let server = Server::start(&options).await.unwrap();
    let sent = crowd(server.address(), seed).await;
    server.stop().await.unwrap();
    println!(
        "{ORDERS} orders, {CUT} of them cut off, took {:.1?}",
        started.elapsed()
    );

    let entries = books::read(&options).await;
    check(&entries);
    check_answers(&entries, &sent);
    let cut: Vec<_> = sent.iter().filter(|sent| sent.answer.is_none()).collect();
    assert_eq!((sent.len(), cut.len()), (ORDERS, CUT));
    // Some orders of clients that hung up were committed and some were not. Else the test shows nothing.
    let committed = entries.len() - (ORDERS - CUT);
    println!("{committed} of those that were cut off are committed");
    assert!((1..CUT).contains(&committed), "{committed}");

    // The clients that hung up try again: a committed order is still the same one.
    let again = try_again(&options, &cut).await;
    assert_eq!(again.len(), committed);
    let before: HashSet<_> = entries.iter().map(Entry::id).collect();
    assert!(again.is_subset(&before));
    let entries = books::read(&options).await;
    assert_eq!(entries.len(), ORDERS);
    check(&entries);
}

async fn crowd(address: SocketAddr, seed: u64) -> Vec<Sent> {
    let mut seeds = Rng::with_seed(seed);
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let share = |whole: usize| whole / CLIENTS + usize::from(number < whole % CLIENTS);
        clients.spawn(client(
            number,
            address,
            share(ORDERS),
            share(CUT),
            seeds.fork(),
        ));
    }
    clients.join_all().await.into_iter().flatten().collect()
}

async fn client(
    number: usize,
    address: SocketAddr,
    orders: usize,
    mut cuts: usize,
    mut rng: Rng,
) -> Vec<Sent> {
    let mut sent = Vec::new();
    let mut usual = Duration::from_millis(50);
    for left in (1..=orders).rev() {
        let key = format!("{number}-{left}");
        let new = random_order(&mut rng);
        let request = request(&key, &new);
        let answer = if rng.usize(..left) < cuts {
            // A request that is not sent to its end has no answer.
            let is_partial = left == cuts || rng.u8(..4) == 0;
            let length = if is_partial {
                rng.usize(..request.len())
            } else {
                request.len()
            };
            cut_off(address, &request[..length], usual.mul_f64(rng.f64())).await
        } else {
            let started = Instant::now();
            let answer = whole(address, &request).await;
            usual = started.elapsed();
            Some(answer)
        };
        cuts -= usize::from(answer.is_none());
        let answer = answer.map(|answer| created(&answer));
        sent.push(Sent { key, new, answer });
    }
    assert_eq!(cuts, 0);
    sent
}

fn random_order(rng: &mut Rng) -> NewOrder {
    let customers = ["ada", "grace", "alan", "linus"];
    let skus = rng.choose_multiple(
        ["tea", "cup", "pot", "kettle", "samovar"],
        rng.clone().usize(1..=3),
    );
    let items = skus.into_iter().map(|sku| NewItem {
        sku: sku.to_owned(),
        quantity: rng.i64(1..=5),
    });
    let items = items.collect();
    let customer = rng.choice(customers).unwrap().to_owned();
    NewOrder { customer, items }
}

fn request(key: &str, new: &NewOrder) -> Vec<u8> {
    let body = serde_json::to_string(new).unwrap();
    let length = body.len();
    format!(
        "POST /orders HTTP/1.1\r\nhost: shop\r\nconnection: close\r\nidempotency-key: {key}\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

async fn whole(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    answer
}

/// Hangs up after a while, unless the answer has begun.
async fn cut_off(address: SocketAddr, request: &[u8], after: Duration) -> Option<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    if timeout(after, stream.read_buf(&mut answer)).await.is_err() {
        return None;
    }
    stream.read_to_end(&mut answer).await.unwrap();
    Some(answer)
}

fn created(answer: &[u8]) -> TrackedOrder {
    let answer = str::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").expect("a whole answer");
    assert!(head.starts_with("HTTP/1.1 201 "), "{answer}");
    serde_json::from_str(body).unwrap()
}

/// Each order has one outcome, one mail about it and the lines that lead to it.
fn check(entries: &[Entry]) {
    for entry in entries {
        assert_eq!(entry.events, entry.expected_events(), "{entry:#?}");
        assert_eq!(entry.mails, [entry.expected_mail()], "{entry:#?}");
    }
    for status in [Status::Paid, Status::Declined, Status::Short] {
        let count = entries
            .iter()
            .filter(|entry| entry.order.status == status)
            .count();
        println!("{count} of {} are {status}", entries.len());
        assert!(count > 0, "no order is {status}");
    }
}

/// Asserts that the answers to clients are true.
fn check_answers(entries: &[Entry], sent: &[Sent]) {
    let orders: HashMap<OrderId, _> = entries
        .iter()
        .map(|entry| (entry.id(), &entry.order))
        .collect();
    let answers = sent.iter().filter_map(|sent| sent.answer.as_ref());
    let mut told = HashSet::new();
    for answer in answers {
        assert_eq!(orders.get(&answer.order.id), Some(&answer));
        assert!(
            told.insert(answer.order.id),
            "two clients were told of one order"
        );
    }
}

/// The orders that had been placed before.
async fn try_again(options: &Options, cut: &[&Sent]) -> HashSet<OrderId> {
    let server = Server::start(options).await.unwrap();
    let mut client = Client::connect(server.address()).await.unwrap();
    let mut before = HashSet::new();
    for Sent { key, new, .. } in cut {
        let answer = client.order(key, new).await.unwrap();
        let placed: TrackedOrder = answer.read().unwrap();
        if answer.status == StatusCode::OK {
            before.insert(placed.order.id);
        }
    }
    drop(client);
    server.stop().await.unwrap();
    before
}
