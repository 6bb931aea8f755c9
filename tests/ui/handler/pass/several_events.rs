#![deny(warnings)]

use std::fmt::Debug;
use std::sync::Mutex;

use eventful::{Bus, Delivery, event, handler};

trait Auditable {
    const KIND: &'static str = "event";

    fn id(&self) -> u64;
}

#[event]
#[derive(Debug)]
struct OrderCreated {
    id: u64,
}

#[event(name = "order.paid")]
#[derive(Debug)]
struct OrderPaid(u64);

#[event]
#[derive(Debug)]
struct Changed<T>(T);

impl Auditable for OrderCreated {
    fn id(&self) -> u64 {
        self.id
    }
}

impl Auditable for OrderPaid {
    const KIND: &'static str = "payment";

    fn id(&self) -> u64 {
        self.0
    }
}

impl<T> Auditable for Changed<T> {
    fn id(&self) -> u64 {
        0
    }
}

/// A name of an event's own.
trait Stored {
    type Repository;
}

impl Stored for OrderCreated {
    type Repository = Repository<u64>;
}

impl Stored for Changed<Vec<u8>> {
    type Repository = Repository<Vec<u8>>;
}

struct Repository<T>(T);

type Log = Mutex<Vec<String>>;

mod shop {
    pub(crate) type Paid = super::OrderPaid;
}

#[handler(OrderCreated, shop::Paid, Changed<(u8, u8)>)]
fn generic<E: Auditable>(event: &E, log: &Log) {
    let line = format!("generic {} {}", E::KIND, event.id());
    log.lock().unwrap().push(line);
}

#[handler(OrderCreated, OrderPaid, order = 1, after = generic::<E>)]
fn with_a_where_clause<'a, E>(event: &'a E, log: &'a Log, delivery: &Delivery) -> Result<(), String>
where
    E: Auditable + Debug + 'static,
{
    assert_eq!(delivery.handler().order(), 1);
    log.lock().unwrap().push(format!("where {event:?}"));
    Err("no disk".to_owned())
}

#[handler(OrderPaid, Changed<(u8, u8)>, id = "unnamed", order = 2)]
fn unnamed(event: &impl Auditable, log: &Log) {
    log.lock().unwrap().push(format!("unnamed {}", event.id()));
}

#[handler(OrderCreated, Changed<Vec<u8>>, order = 3)]
fn resources_of_the_event<E: Stored>(
    event: &E,
    of_a_parameter: Option<&Repository<E>>,
    of_a_projection: &<E as Stored>::Repository,
    log: &Log,
) {
    let _ = (event, of_a_projection);
    let line = format!("resources {}", of_a_parameter.is_some());
    log.lock().unwrap().push(line);
}

#[handler(OrderCreated, order = 4)]
fn of_one<E: Debug + ?Sized>(_: &E) {}

#[handler(<u8 as Topic>::Event)]
fn of_a_projection<E: Auditable>(event: &E) {
    assert_eq!(event.id(), 1);
}

trait Topic {
    type Event;
}

impl Topic for u8 {
    type Event = OrderCreated;
}

fn ids<E: eventful::Event>(bus: &Bus) -> Vec<String> {
    let handlers = bus.handlers::<E>();
    let ids = handlers.iter().map(|handler| handler.id());
    ids.map(|id| id.rsplit("::").next().unwrap_or(id).to_owned())
        .collect()
}

fn main() {
    let log = std::sync::Arc::new(Log::default());
    let bus = Bus::builder()
        .provide_arc(log.clone())
        .provide(Repository(7_u64))
        .provide(Repository(vec![7_u8]))
        .provide(Repository(OrderCreated { id: 7 }))
        .build()
        .unwrap();
    assert_eq!(
        ids::<OrderCreated>(&bus),
        [
            "generic",
            "of_a_projection",
            "with_a_where_clause",
            "resources_of_the_event",
            "of_one"
        ]
    );
    assert_eq!(
        ids::<OrderPaid>(&bus),
        ["generic", "with_a_where_clause", "unnamed"]
    );
    assert_eq!(ids::<Changed<(u8, u8)>>(&bus), ["generic", "unnamed"]);

    let error = bus.publish(&OrderCreated { id: 1 }).unwrap_err();
    assert_eq!(error.failures()[0].message(), "no disk");
    bus.publish(&OrderPaid(2)).unwrap_err();
    bus.publish(&Changed((1_u8, 2_u8))).unwrap();
    bus.publish(&Changed(vec![1_u8])).unwrap();
    assert_eq!(
        *log.lock().unwrap(),
        [
            "generic event 1",
            "where OrderCreated { id: 1 }",
            "resources true",
            "generic payment 2",
            "where OrderPaid(2)",
            "unnamed 2",
            "generic event 0",
            "unnamed 0",
            "resources false",
        ]
    );

    // Each is named with its event, and stays a function.
    let bus = Bus::isolated()
        .with(generic::<OrderCreated>)
        .with(generic::<OrderPaid>)
        .with_id("unnamed")
        .provide_arc(log.clone())
        .build()
        .unwrap();
    assert_eq!(bus.publish(&OrderCreated { id: 1 }).unwrap().handled(), 1);
    let bus = bus
        .derive()
        .without(generic::<OrderCreated>)
        .build()
        .unwrap();
    assert_eq!(bus.publish(&OrderCreated { id: 1 }).unwrap().handled(), 0);
    assert_eq!(bus.publish(&OrderPaid(1)).unwrap().handled(), 2);
    unnamed(&OrderPaid(1), &log);
}
