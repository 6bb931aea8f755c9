#![deny(warnings)]

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use eventful::{AnyEvent, Bus, event, family, handler};

#[family]
trait Auditable {
    fn id(&self) -> u64;
}

#[family(async)]
trait Mailed {
    fn address(&self) -> &str;
}

#[event(as(dyn Auditable))]
struct OrderCreated {
    id: u64,
}

impl Auditable for OrderCreated {
    fn id(&self) -> u64 {
        self.id
    }
}

#[event(async, as(dyn Auditable, dyn Mailed))]
struct OrderShipped {
    to: String,
}

impl Auditable for OrderShipped {
    fn id(&self) -> u64 {
        7
    }
}

impl Mailed for OrderShipped {
    fn address(&self) -> &str {
        &self.to
    }
}

#[event]
struct Unaudited;

type Log = Mutex<Vec<String>>;
type Audited = dyn Auditable;

#[handler(dyn Auditable)]
fn named(event: &dyn Auditable, log: &Log) {
    log.lock().unwrap().push(format!("named {}", event.id()));
}

#[handler(order = 1)]
fn without_an_argument<'a>(event: &'a dyn Auditable, log: &'a Log) {
    log.lock().unwrap().push(format!("without {}", event.id()));
}

#[handler(Audited, order = 2)]
fn by_an_alias(event: &Audited, log: &Log) {
    log.lock().unwrap().push(format!("alias {}", event.id()));
}

#[handler(dyn Auditable, OrderShipped, order = 3)]
fn generic<E: Auditable + ?Sized>(event: &E, log: &Log) {
    log.lock().unwrap().push(format!("generic {}", event.id()));
}

#[handler(dyn Auditable, order = 4, id = "unnamed")]
fn unnamed(event: &(impl Auditable + ?Sized), log: &Log) {
    log.lock().unwrap().push(format!("unnamed {}", event.id()));
}

#[handler(dyn Mailed, order = 5, when = |event| event.address() != "nobody")]
async fn asynchronous(event: &dyn Mailed, log: &Log) -> Result<(), String> {
    std::future::ready(()).await;
    log.lock()
        .unwrap()
        .push(format!("mailed {}", event.address()));
    Ok(())
}

#[handler(dyn Mailed, order = 6)]
fn synchronous(event: &dyn Mailed, log: &Log) {
    log.lock()
        .unwrap()
        .push(format!("mailed {}", event.address()));
}

#[handler(dyn Mailed, OrderShipped, order = 7)]
async fn asynchronous_generic<E: Mailed + ?Sized>(event: &E, log: &Log) {
    std::future::ready(()).await;
    log.lock()
        .unwrap()
        .push(format!("generic {}", event.address()));
}

#[handler(dyn eventful::AnyEvent, order = 8)]
fn any(event: &dyn AnyEvent, log: &Log) {
    let name = event.event_name().rsplit("::").next().unwrap_or_default();
    let is_unaudited = event.downcast_ref::<Unaudited>().is_some();
    log.lock()
        .unwrap()
        .push(format!("any {name} {is_unaudited}"));
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

fn main() {
    let log = Arc::new(Log::default());
    let bus = Bus::builder()
        .provide_arc(Arc::clone(&log))
        .build()
        .unwrap();
    bus.publish(&OrderCreated { id: 1 }).unwrap();
    bus.publish(&Unaudited).unwrap();
    let lines = std::mem::take(&mut *log.lock().unwrap());
    assert_eq!(
        lines,
        [
            "named 1",
            "without 1",
            "alias 1",
            "generic 1",
            "unnamed 1",
            "any OrderCreated false",
            "any Unaudited true"
        ]
    );

    let to = "Ada".to_owned();
    let delivered = block_on(bus.publish(&OrderShipped { to })).unwrap();
    // A function that handles the family and the member is called once.
    assert_eq!(delivered.handled(), 9);
    let lines = std::mem::take(&mut *log.lock().unwrap());
    assert_eq!(
        lines,
        [
            "named 7",
            "without 7",
            "alias 7",
            "generic 7",
            "unnamed 7",
            "mailed Ada",
            "mailed Ada",
            "generic Ada",
            "any OrderShipped false"
        ]
    );
    let to = "nobody".to_owned();
    let delivered = block_on(bus.publish(&OrderShipped { to })).unwrap();
    assert_eq!((delivered.handled(), delivered.skipped()), (8, 1));

    let bus = Bus::isolated()
        .with(named)
        .with(generic::<dyn Auditable>)
        .with(asynchronous)
        .with(any)
        .provide_arc(log)
        .build()
        .unwrap();
    assert_eq!(bus.publish(&OrderCreated { id: 1 }).unwrap().handled(), 3);
    named(&OrderCreated { id: 1 }, &Log::default());
}
