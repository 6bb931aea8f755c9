//! A publish without handlers in the transaction: the envelope and the options.

use eventful::durable::{DurableEvent, MAX_PAYLOAD, registered_events, slot_of};
use eventful::testing::Recorder;
use eventful::{Bus, Event, event};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::log::Transaction;

#[event(durable, name = "publish.placed", version = 2, key = order_id)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Placed {
    order_id: u64,
    note: String,
}

#[event(durable, name = "publish.keyed_by_function", key = |event| format!("{}/{}", event.0, event.1))]
#[derive(Serialize, Deserialize)]
struct KeyedByFunction(u8, u8);

#[event(durable, name = "publish.keyed_by_borrow", key = |event| &event.name)]
#[derive(Serialize, Deserialize)]
struct KeyedByBorrow {
    name: String,
}

#[event(durable, name = "publish.keyed_by_place", key = 1)]
#[derive(Serialize, Deserialize)]
struct KeyedByPlace(u8, String);

fn placed() -> Placed {
    Placed {
        order_id: 7,
        note: "with a bow".to_owned(),
    }
}

#[tokio::test]
async fn a_publish_appends_one_envelope_and_nothing_else() {
    let mut transaction = Transaction::default();
    let before = Timestamp::now();
    let line = line!() + 1;
    placed().publish(&mut transaction).await.unwrap();
    let [append] = &*transaction.appends else {
        panic!("{} appends", transaction.appends.len())
    };
    let envelope = &append.envelope;
    assert_eq!((&*envelope.name, envelope.version), ("publish.placed", 2));
    assert_eq!(envelope.key.as_deref(), Some("7"));
    assert_eq!(envelope.slot, slot_of("7"));
    assert_eq!(envelope.payload, br#"{"order_id":7,"note":"with a bow"}"#);
    assert_eq!(envelope.id.get_version_num(), 7);
    assert!(envelope.occurred_at >= before);
    let at = envelope.headers.published_at.as_deref().unwrap();
    assert!(at.starts_with(&format!("{}:{line}:", file!())), "{at}");
    assert_eq!(
        (envelope.headers.cause, envelope.headers.correlation),
        (None, None)
    );
    assert_eq!((append.due_at, append.once.as_deref()), (None, None));
    assert_eq!(
        transaction.done,
        ["append"],
        "without handlers there is no savepoint"
    );
}

#[tokio::test]
async fn the_options_are_those_of_the_append() {
    let mut transaction = Transaction::default();
    let due = Timestamp::now() + 168.hours();
    placed()
        .publish(&mut transaction)
        .at(due)
        .once("reminder 7")
        .await
        .unwrap();
    placed()
        .publish(&mut transaction)
        .once("reminder 7")
        .await
        .unwrap();
    placed()
        .publish(&mut transaction)
        .once("reminder 8")
        .await
        .unwrap();
    let appends: Vec<_> = transaction
        .appends
        .iter()
        .map(|append| (append.due_at, append.once.as_deref().unwrap()))
        .collect();
    assert_eq!(appends, [(Some(due), "reminder 7"), (None, "reminder 8")]);
}

#[tokio::test]
async fn a_key_is_a_field_or_a_function() {
    let mut transaction = Transaction::default();
    KeyedByFunction(1, 2)
        .publish(&mut transaction)
        .await
        .unwrap();
    KeyedByBorrow {
        name: "ada".to_owned(),
    }
    .publish(&mut transaction)
    .await
    .unwrap();
    KeyedByPlace(1, "second".to_owned())
        .publish(&mut transaction)
        .await
        .unwrap();
    let keys: Vec<_> = transaction
        .appends
        .iter()
        .map(|append| append.envelope.key.as_deref().unwrap())
        .collect();
    assert_eq!(keys, ["1/2", "ada", "second"]);
    assert_eq!((Placed::VERSION, KeyedByBorrow::VERSION), (2, 1));
}

#[tokio::test]
async fn an_event_without_a_key_has_the_slot_of_its_id() {
    #[event(durable, name = "publish.without_a_key")]
    #[derive(Serialize, Deserialize)]
    struct WithoutKey;

    let mut transaction = Transaction::default();
    WithoutKey.publish(&mut transaction).await.unwrap();
    let envelope = &transaction.appends[0].envelope;
    assert_eq!(envelope.key, None);
    assert_eq!(envelope.slot, slot_of(&envelope.id.to_string()));
}

#[tokio::test]
async fn an_event_that_is_too_large_is_not_appended() {
    let mut transaction = Transaction::default();
    let fits = MAX_PAYLOAD - r#"{"order_id":7,"note":""}"#.len();
    let with_note = |length| Placed {
        order_id: 7,
        note: "x".repeat(length),
    };
    with_note(fits).publish(&mut transaction).await.unwrap();
    let error = with_note(fits + 1)
        .publish(&mut transaction)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "`publish.placed` has 262145 bytes as JSON, and 262144 are the most; store what is large elsewhere, and publish where it is"
    );
    assert_eq!(transaction.appends.len(), 1);
}

#[tokio::test]
async fn an_event_that_is_no_json_is_not_appended() {
    #[event(durable, name = "publish.no_json")]
    #[derive(Serialize, Deserialize)]
    struct NoJson(std::collections::BTreeMap<(u8, u8), u8>);

    let mut transaction = Transaction::default();
    let event = NoJson([((1, 2), 3)].into());
    let error = event.publish(&mut transaction).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "`publish.no_json` cannot be stored as JSON"
    );
    assert!(std::error::Error::source(&error).is_some());
    assert!(transaction.appends.is_empty());
}

#[tokio::test]
async fn nothing_happens_until_it_is_awaited() {
    let mut transaction = Transaction::default();
    let event = placed();
    drop(event.publish(&mut transaction));
    assert!(transaction.done.is_empty());
}

#[tokio::test]
async fn captures_and_fakes_of_a_bus_see_a_publish() {
    let captured = Recorder::new();
    let bus = Bus::isolated()
        .capture::<Placed>(&captured)
        .build()
        .unwrap();
    let mut transaction = Transaction::default();
    let event = placed();
    bus.scope_async(event.publish(&mut transaction))
        .await
        .unwrap();
    assert_eq!(captured.take::<Placed>(), [placed()]);
    assert_eq!(transaction.names(), [Placed::NAME]);

    let bus = bus.derive().fake::<Placed>(&captured).build().unwrap();
    bus.scope_async(event.publish(&mut transaction))
        .await
        .unwrap();
    assert_eq!(captured.count::<Placed>(), 1);
    assert_eq!(transaction.names().len(), 1, "what is faked is not written");
}

#[test]
fn events_are_registered_with_their_versions() {
    let events = registered_events();
    let placed = events
        .iter()
        .find(|event| event.name == "publish.placed")
        .unwrap();
    assert_eq!((placed.version, placed.has_key), (2, true));
    assert!(events.is_sorted_by_key(|event| event.name));
}
