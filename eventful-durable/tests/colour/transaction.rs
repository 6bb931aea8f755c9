//! Handlers that run in the transaction of the publish.

use std::error::Error;
use std::sync::Mutex;

use eventful::durable::current;
use eventful::{Bus, Delivery, Event, PublishError, event, handler};
use serde::{Deserialize, Serialize};

use crate::log::{Connection, Transaction};

#[event(durable, name = "transaction.placed")]
#[derive(Serialize, Deserialize)]
struct Placed {
    total: u32,
}

#[event(durable, name = "transaction.reserved")]
#[derive(Serialize, Deserialize)]
struct Reserved(u32);

#[handler(Placed, in_transaction, order = -1)]
async fn write(event: &Placed, connection: &mut Connection) -> Result<(), String> {
    tokio::task::yield_now().await;
    connection.rows.push(format!("total {}", event.total));
    if event.total == 13 {
        return Err("thirteen".to_owned());
    }
    Ok(())
}

#[handler(Placed, in_transaction, order = -2)]
fn first(_: &Placed, connection: &mut Connection, notes: &Mutex<Vec<String>>) {
    connection.rows.push("first".to_owned());
    notes.lock().unwrap().push("called".to_owned());
}

#[handler(Placed, in_transaction, after = write, when = |event| event.total > 10)]
async fn reserve(event: &Placed, connection: &mut Connection, delivery: &Delivery) -> Reserved {
    assert_eq!(delivery.event_name(), Placed::NAME);
    let nested = Reserved(0);
    nested.publish(connection).await.unwrap();
    Reserved(event.total)
}

/// It has no place in the publish.
#[handler(Placed, id = "transaction.mail")]
async fn mail(_: &Placed) {
    unreachable!("nothing is delivered by a publish")
}

fn bus() -> Bus {
    let builder = Bus::isolated()
        .with(write)
        .with(first)
        .with(reserve)
        .with(mail);
    builder
        .provide(Mutex::new(Vec::<String>::new()))
        .build()
        .unwrap()
}

#[tokio::test]
async fn they_run_in_order_within_a_savepoint() {
    let mut transaction = Transaction::default();
    bus()
        .scope_async(Placed { total: 7 }.publish(&mut transaction))
        .await
        .unwrap();
    assert_eq!(transaction.connection.rows, ["first", "total 7"]);
    assert_eq!(transaction.names(), [Placed::NAME]);
    assert_eq!(transaction.done, ["savepoint", "append", "release"]);
}

#[tokio::test]
async fn what_they_return_and_publish_is_caused_by_the_event() {
    let mut transaction = Transaction::default();
    bus()
        .scope_async(Placed { total: 20 }.publish(&mut transaction))
        .await
        .unwrap();
    assert_eq!(transaction.names(), [Placed::NAME, Reserved::NAME]);
    let [placed, reserved] = &*transaction.appends else {
        unreachable!()
    };
    assert_eq!(reserved.envelope.payload, b"20");
    let headers = &reserved.envelope.headers;
    assert_eq!(headers.cause, Some(placed.envelope.id));
    assert_eq!(headers.correlation, Some(placed.envelope.id));
    assert_eq!(
        transaction.connection.rows,
        [
            "first",
            "total 20",
            "transaction.reserved because of an event"
        ]
    );
}

#[tokio::test]
async fn one_that_fails_fails_the_publish_and_all_is_undone() {
    let mut transaction = Transaction::default();
    transaction.connection.rows.push("before".to_owned());
    let event = Placed { total: 13 };
    let error = bus()
        .scope_async(event.publish(&mut transaction))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "a handler of `transaction.placed` in its transaction failed"
    );
    let cause = error
        .source()
        .unwrap()
        .downcast_ref::<PublishError>()
        .unwrap();
    assert_eq!(cause.failures()[0].message(), "thirteen");
    assert_eq!(cause.failures().len(), 1, "those after it have not run");
    assert_eq!(transaction.connection.rows, ["before"]);
    assert!(transaction.appends.is_empty());
    assert_eq!(transaction.done, ["savepoint", "append", "roll back"]);
}

#[tokio::test]
async fn a_panic_fails_the_publish_too() {
    let bus = bus_with_panic();
    let mut transaction = Transaction::default();
    let event = Placed { total: 1 };
    let error = bus
        .scope_async(event.publish(&mut transaction))
        .await
        .unwrap_err();
    let cause = error
        .source()
        .unwrap()
        .downcast_ref::<PublishError>()
        .unwrap();
    assert!(cause.failures()[0].is_panic());
    assert!(transaction.appends.is_empty());
}

fn bus_with_panic() -> Bus {
    let replaced = bus()
        .derive()
        .replace(first, |_: &Placed| -> () { panic!("no") });
    replaced.build().unwrap()
}

#[tokio::test]
async fn a_second_event_under_one_word_has_no_handlers_either() {
    let mut transaction = Transaction::default();
    let bus = bus();
    for _ in 0..2 {
        let event = Placed { total: 7 };
        bus.scope_async(event.publish(&mut transaction).once("7"))
            .await
            .unwrap();
    }
    assert_eq!(transaction.connection.rows, ["first", "total 7"]);
}

#[tokio::test]
async fn another_type_of_connection_is_an_error_that_names_the_handler() {
    #[event(durable, name = "transaction.elsewhere")]
    #[derive(Serialize, Deserialize)]
    struct Elsewhere;

    #[handler(Elsewhere, in_transaction)]
    fn write_elsewhere(_: &Elsewhere, _: &mut u8) {}

    let bus = Bus::isolated().with(write_elsewhere).build().unwrap();
    let mut transaction = Transaction::default();
    let error = bus
        .scope_async(Elsewhere.publish(&mut transaction))
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(text.contains("write_elsewhere"), "{text}");
    assert!(text.contains("wants a `&mut u8`"), "{text}");
    assert!(transaction.appends.is_empty());
}

#[tokio::test]
async fn they_know_the_event_that_is_published() {
    #[event(durable, name = "transaction.known")]
    #[derive(Serialize, Deserialize)]
    struct Known;

    #[handler(Known, in_transaction)]
    async fn look(_: &Known, connection: &mut Connection) {
        tokio::task::yield_now().await;
        let current = current().expect("it is being published");
        assert_eq!(current.attempt, None);
        connection.rows.push(current.event_id.to_string());
    }

    let bus = Bus::isolated().with(look).build().unwrap();
    let mut transaction = Transaction::default();
    bus.scope_async(Known.publish(&mut transaction))
        .await
        .unwrap();
    let id = transaction.appends[0].envelope.id.to_string();
    assert_eq!(transaction.connection.rows, [id]);
    assert_eq!(current(), None);
}

#[test]
fn all_handlers_of_the_event_are_listed() {
    let bus = bus();
    let ids: Vec<_> = bus
        .handlers::<Placed>()
        .iter()
        .map(eventful::HandlerInfo::id)
        .collect();
    assert_eq!(ids.len(), 4);
    assert!(ids.contains(&"transaction.mail"));
}
