//! Handlers that run by themselves: their subscriptions, and one attempt of each.

use std::any::TypeId;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use eventful::durable::{
    HandlerError, NotHandled, StartsFrom, WhenDead, current, registered_subscriptions,
};
use eventful::{Bus, Event, event, family, handler, handlers, on_dead};
use serde::{Deserialize, Serialize};

use crate::log::{Connection, first_attempt, handle, stored, subscription};

#[event(durable, name = "subscriptions.placed", as(dyn Audited))]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Placed {
    order_id: u64,
}

#[event(durable, name = "subscriptions.shipped", as(dyn Audited))]
#[derive(Serialize, Deserialize)]
struct Shipped(u64);

#[event(durable, name = "subscriptions.reserved")]
#[derive(Serialize, Deserialize)]
struct Reserved(u64);

/// Synchronous.
#[event]
struct Noticed;

#[family(durable)]
trait Audited {
    fn line(&self) -> String;
}

impl Audited for Placed {
    fn line(&self) -> String {
        format!("placed {}", self.order_id)
    }
}

impl Audited for Shipped {
    fn line(&self) -> String {
        format!("shipped {}", self.0)
    }
}

type Notes = Mutex<Vec<String>>;

/// The thread that polls asynchronous handlers.
struct EventLoop(String);

#[handler(Placed, id = "subscriptions.confirm")]
async fn confirm(event: &Placed, notes: &Arc<Notes>) -> Result<Reserved, HandlerError> {
    tokio::task::yield_now().await;
    notes
        .lock()
        .unwrap()
        .push(format!("confirm {}", event.order_id));
    match event.order_id {
        1 => Err(HandlerError::permanent("never")),
        2 => Err(HandlerError::retry_in(Duration::from_secs(5), "later")),
        3 => Err("no number".parse::<u8>().unwrap_err().into()),
        4 => panic!("a bug"),
        order => Ok(Reserved(order)),
    }
}

#[handler(Placed, id = "subscriptions.plain", when = |event| event.order_id > 0)]
fn plain(event: &Placed, notes: &Arc<Notes>, event_loop: &EventLoop, bus: &Bus) -> Vec<Reserved> {
    let thread = format!("{:?}", thread::current().id());
    assert_ne!(thread, *event_loop.0, "it may block");
    assert!(current().is_some());
    bus.publish(&Noticed).unwrap();
    notes.lock().unwrap().push("plain".to_owned());
    vec![Reserved(event.order_id), Reserved(event.order_id + 1)]
}

#[handler(Placed, Shipped, id = "subscriptions.both")]
async fn both<E: Audited>(event: &E, connection: &mut Connection) -> Result<(), String> {
    connection.rows.push(event.line());
    tokio::task::yield_now().await;
    connection.rows.push("after a wait".to_owned());
    Ok(())
}

#[handler(dyn Audited, id = "subscriptions.audit")]
fn audit(event: &dyn Audited, notes: &Arc<Notes>) {
    notes.lock().unwrap().push(event.line());
}

struct Billing(Arc<Notes>);

#[handlers]
impl Billing {
    #[handler(
        Placed,
        id = "subscriptions.invoice",
        retry(attempts = 5, first = "100ms", longest = "1m", for = "2h"),
        timeout = "30s",
        from = "beginning",
        was = ["subscriptions.old", "subscriptions.older"],
        on_dead = "stop",
        concurrency = 4,
        replay = "refuse"
    )]
    async fn invoice(&self, event: &Placed) {
        tokio::task::yield_now().await;
        self.0
            .lock()
            .unwrap()
            .push(format!("invoice {}", event.order_id));
    }
}

#[handler(Placed, id = "subscriptions.browsers", each = "process")]
fn tell_browsers(_: &Placed) {}

#[expect(
    clippy::unnecessary_wraps,
    reason = "an `Option` of an event may be returned"
)]
#[on_dead("subscriptions.confirm")]
fn compensate(event: &Placed, notes: &Arc<Notes>) -> Option<Reserved> {
    notes
        .lock()
        .unwrap()
        .push(format!("dead {}", event.order_id));
    Some(Reserved(0))
}

fn bus() -> (Bus, Arc<Notes>) {
    let notes = Arc::<Notes>::default();
    let bus = Bus::isolated()
        .with(confirm)
        .with(plain)
        .with(both::<Placed>)
        .with(both::<Shipped>)
        .with(audit)
        .with(Billing::invoice)
        .with(tell_browsers)
        .with(compensate)
        .provide(Arc::clone(&notes))
        .provide(EventLoop(format!("{:?}", thread::current().id())))
        .provide(Billing(Arc::clone(&notes)))
        .build();
    (bus.unwrap(), notes)
}

fn placed(order_id: u64) -> Arc<eventful::durable::Envelope> {
    stored(Placed::NAME, 1, &Placed { order_id })
}

#[tokio::test]
async fn a_handler_gets_the_decoded_event_and_what_it_returns_is_caused_by_it() {
    let (bus, notes) = bus();
    let event = placed(7);
    let handled = handle(&bus, "subscriptions.confirm", Arc::clone(&event))
        .await
        .unwrap();
    assert_eq!(*notes.lock().unwrap(), ["confirm 7"]);
    let [returned] = &*handled.returned else {
        panic!("{handled:?}")
    };
    assert_eq!(
        (&*returned.name, &*returned.payload),
        (Reserved::NAME, &b"7"[..])
    );
    assert_eq!(returned.headers.cause, Some(event.id));
    assert_eq!(returned.headers.correlation, Some(event.id));
}

#[tokio::test]
async fn an_error_keeps_its_advice_and_its_type() {
    let (bus, _) = bus();
    let mut texts = Vec::new();
    for order in [1, 2, 3] {
        let failed = handle(&bus, "subscriptions.confirm", placed(order)).await;
        let Err(NotHandled::Failed(error)) = failed else {
            panic!("{failed:?}")
        };
        assert_eq!(error.get_ref().is::<std::num::ParseIntError>(), order == 3);
        texts.push(format!("{error:?}"));
    }
    assert!(texts[0].contains("advice: Permanent"), "{texts:?}");
    assert!(texts[1].contains("advice: RetryIn(5s)"), "{texts:?}");
    assert!(texts[2].contains("advice: Policy"), "{texts:?}");
}

#[tokio::test]
async fn a_panic_is_caught_with_its_text() {
    let (bus, _) = bus();
    let failed = handle(&bus, "subscriptions.confirm", placed(4)).await;
    let Err(NotHandled::Panicked(text)) = failed else {
        panic!("{failed:?}")
    };
    assert_eq!(text, "a bug");
}

#[tokio::test]
async fn a_plain_handler_runs_where_it_may_block() {
    let (bus, notes) = bus();
    let handled = handle(&bus, "subscriptions.plain", placed(7))
        .await
        .unwrap();
    assert_eq!(*notes.lock().unwrap(), ["plain"]);
    let payloads: Vec<_> = handled.returned.iter().map(|it| &*it.payload).collect();
    assert_eq!(payloads, [b"7", b"8"]);
}

#[tokio::test]
async fn a_guard_that_says_no_is_a_success() {
    let (bus, notes) = bus();
    let handled = handle(&bus, "subscriptions.plain", placed(0))
        .await
        .unwrap();
    assert!(handled.returned.is_empty() && notes.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_handler_of_several_events_is_one_subscription_and_is_lent_the_transaction() {
    let (bus, _) = bus();
    let both = subscription(&bus, "subscriptions.both");
    let names: Vec<_> = both.names.keys().collect();
    assert_eq!(names, [Placed::NAME, Shipped::NAME]);
    assert_eq!(both.lends.unwrap().type_id, TypeId::of::<Connection>());
    assert!(both.lends.unwrap().type_name.ends_with("Connection"));
    let mut connection = Connection::default();
    for event in [placed(7), stored(Shipped::NAME, 1, &8)] {
        let lent: &mut (dyn std::any::Any + Send) = &mut connection;
        both.handler
            .handle(event, first_attempt(), Some(lent))
            .await
            .unwrap();
    }
    assert_eq!(
        connection.rows,
        ["placed 7", "after a wait", "shipped 8", "after a wait"]
    );
}

#[tokio::test]
async fn a_transaction_of_another_type_fails_before_the_handler_runs() {
    let (bus, _) = bus();
    let both = subscription(&bus, "subscriptions.both");
    let mut other = String::new();
    for lent in [Some(&mut other as &mut (dyn std::any::Any + Send)), None] {
        let failed = both.handler.handle(placed(7), first_attempt(), lent).await;
        let Err(NotHandled::Failed(error)) = failed else {
            panic!("{failed:?}")
        };
        assert!(error.to_string().contains("another type"), "{error}");
    }
}

#[tokio::test]
async fn a_family_gets_its_members() {
    let (bus, notes) = bus();
    let audit = subscription(&bus, "subscriptions.audit");
    let names: Vec<_> = audit.names.into_iter().collect();
    assert_eq!(
        names,
        [(Placed::NAME.to_owned(), 1), (Shipped::NAME.to_owned(), 1)]
    );
    for event in [placed(7), stored(Shipped::NAME, 1, &8)] {
        handle(&bus, "subscriptions.audit", event).await.unwrap();
    }
    assert_eq!(*notes.lock().unwrap(), ["placed 7", "shipped 8"]);
}

#[tokio::test]
async fn a_method_has_its_options() {
    let (bus, notes) = bus();
    let invoice = subscription(&bus, "subscriptions.invoice");
    assert_eq!(invoice.was, ["subscriptions.old", "subscriptions.older"]);
    assert_eq!(invoice.from, StartsFrom::Beginning);
    let settings = &invoice.settings;
    assert_eq!(settings.retry.attempts, Some(5));
    assert_eq!(settings.retry.first, Some(Duration::from_millis(100)));
    assert_eq!(settings.retry.longest, Some(Duration::from_secs(60)));
    assert_eq!(
        settings.retry.keep_trying_for,
        Some(Duration::from_secs(7200))
    );
    assert_eq!(settings.timeout, Some(Duration::from_secs(30)));
    assert_eq!(settings.concurrency, Some(4));
    assert_eq!(settings.when_dead, Some(WhenDead::Stop));
    assert!(!invoice.replay && !invoice.each_process && invoice.lends.is_none());
    assert!(
        invoice.defined_at.starts_with(file!()),
        "{}",
        invoice.defined_at
    );
    handle(&bus, "subscriptions.invoice", placed(7))
        .await
        .unwrap();
    assert_eq!(*notes.lock().unwrap(), ["invoice 7"]);
}

#[tokio::test]
async fn what_is_not_written_is_the_default() {
    let (bus, _) = bus();
    let confirm = subscription(&bus, "subscriptions.confirm");
    assert_eq!(confirm.settings, eventful::durable::Settings::default());
    assert_eq!(confirm.from, StartsFrom::Now);
    assert!(confirm.was.is_empty() && confirm.replay && !confirm.each_process);
    assert!(subscription(&bus, "subscriptions.browsers").each_process);
}

#[tokio::test]
async fn a_function_for_dead_letters_is_no_subscription_of_its_own() {
    let (bus, notes) = bus();
    let ids: Vec<_> = registered_subscriptions(&bus)
        .unwrap()
        .into_iter()
        .map(|it| it.id)
        .collect();
    assert_eq!(
        ids,
        [
            "subscriptions.audit",
            "subscriptions.both",
            "subscriptions.browsers",
            "subscriptions.confirm",
            "subscriptions.invoice",
            "subscriptions.plain",
        ]
    );
    let confirm = subscription(&bus, "subscriptions.confirm");
    let on_dead = confirm.on_dead.expect("there is one");
    let returned = on_dead.on_dead(placed(7), "it failed").await;
    assert_eq!(returned[0].name, Reserved::NAME);
    assert_eq!(*notes.lock().unwrap(), ["dead 7"]);
    assert!(subscription(&bus, "subscriptions.plain").on_dead.is_none());
}

#[tokio::test]
async fn a_closure_is_a_handler_too() {
    let bus = Bus::isolated()
        .subscribe("subscriptions.closure", |event: &Placed| {
            Some(Reserved(event.order_id))
        })
        .subscribe("subscriptions.future", |_: &Placed| async {
            Err::<(), _>("no")
        })
        .build()
        .unwrap();
    let handled = handle(&bus, "subscriptions.closure", placed(7))
        .await
        .unwrap();
    assert_eq!(handled.returned.len(), 1);
    let failed = handle(&bus, "subscriptions.future", placed(7)).await;
    assert!(matches!(failed, Err(NotHandled::Failed(_))));
}

#[tokio::test]
async fn a_replaced_handler_keeps_its_subscription() {
    let (bus, _) = bus();
    let bus = bus
        .derive()
        .replace(both::<Placed>, |_: &Placed| Err::<(), _>("replaced"));
    let bus = bus.build().unwrap();
    let both = subscription(&bus, "subscriptions.both");
    assert_eq!(both.names.len(), 2);
    let failed = both.handler.handle(placed(7), first_attempt(), None).await;
    let Err(NotHandled::Failed(error)) = failed else {
        panic!("{failed:?}")
    };
    assert_eq!(error.to_string(), "replaced");
}

#[test]
fn handlers_of_every_event_hear_no_durable_one() {
    let bus = Bus::isolated()
        .subscribe("every", |_: &dyn eventful::AnyEvent| ())
        .build()
        .unwrap();
    assert!(bus.handlers::<Placed>().is_empty());
}

#[test]
fn what_is_wrong_is_said_of_all_handlers_at_once() {
    #[handler(Placed, id = "subscriptions.renamed", was = "subscriptions.confirm")]
    fn renamed(_: &Placed) {}

    #[on_dead("subscriptions.nobody")]
    fn of_nobody(_: &Placed) {}

    let (bus, _) = bus();
    let bus = bus.derive().with(renamed).with(of_nobody).build();
    let error = registered_subscriptions(&bus.unwrap()).unwrap_err();
    let faults = error.faults();
    assert_eq!(faults.len(), 2, "{error}");
    assert!(faults[0].starts_with("`#[on_dead(\"subscriptions.nobody\")]` at "));
    let renamed = "`subscriptions.renamed` says `was = \"subscriptions.confirm\"`";
    assert!(faults[1].starts_with(renamed));
}

#[test]
fn one_id_on_two_events_is_a_fault_of_the_bus() {
    #[handler(Placed, id = "subscriptions.twice")]
    fn once(_: &Placed) {}

    #[handler(Shipped, id = "subscriptions.twice")]
    fn again(_: &Shipped) {}

    let error = Bus::isolated().with(once).with(again).build().unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("share the id `subscriptions.twice`, under which the store keeps one place"),
        "{text}"
    );
    assert_eq!(error.faults().len(), 1);
}

#[test]
fn a_place_beside_a_handler_that_runs_by_itself_is_a_fault_of_the_bus() {
    #[handler(Placed, in_transaction, after = confirm)]
    fn too_late(_: &Placed) {}

    let bus = Bus::isolated()
        .with(too_late)
        .with(confirm)
        .provide(Arc::<Notes>::default());
    let text = bus.build().unwrap_err().to_string();
    assert!(
        text.contains("says `after = confirm`, but subscriptions.confirm"),
        "{text}"
    );
    assert!(text.contains("runs by itself, after the commit"), "{text}");
}

#[test]
fn the_wiring_tells_handlers_apart() {
    let (bus, _) = bus();
    let wiring = bus.wiring();
    let events = wiring.events();
    let placed = events
        .iter()
        .find(|event| event.name() == Placed::NAME)
        .unwrap();
    assert!(placed.is_durable() && !placed.is_async() && !placed.has_key());
    assert_eq!(placed.version(), Some(1));
    let options = |id: &str| {
        let handler = placed
            .handlers()
            .iter()
            .find(|handler| handler.id() == id)
            .unwrap();
        assert!(handler.is_separate() && !handler.is_in_transaction());
        handler.separate_options().unwrap().to_owned()
    };
    assert_eq!(options("subscriptions.confirm"), "");
    assert_eq!(
        options("subscriptions.invoice"),
        "retry(attempts = 5, first = \"100ms\", longest = \"1m\", for = \"2h\"), timeout = \"30s\", from = \"beginning\", was = \
         [\"subscriptions.old\", \"subscriptions.older\"], on_dead = \"stop\", concurrency = 4, replay = \"refuse\""
    );
    let family = wiring.families().iter().find(|it| it.is_durable()).unwrap();
    assert_eq!(family.members(), [Placed::NAME, Shipped::NAME]);
}
