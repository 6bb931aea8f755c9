//! Stored events that a worker cannot read, or hardly.

use std::sync::Arc;

use eventful::durable::store::{DeadFilter, FailureKind, Registration, Store, ToRegister};
use eventful::durable::{
    Append, Attempt, BoxFuture, Envelope, Handle, Handled, Headers, Memory, NotHandled, Worker,
    registered_subscriptions, slot_of,
};
use eventful::{Bus, event, handler, upcast};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use crate::log::{self, texts_of};
use crate::world::{Trace, dead, partition, run, run_after};

#[event(durable, name = "decoding.noted", version = 3)]
#[derive(Serialize, Deserialize)]
struct Noted {
    #[serde(deserialize_with = "read_note")]
    note: String,
}

fn read_note<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let note = String::deserialize(deserializer)?;
    assert_ne!(note, "13", "unlucky");
    Ok(note)
}

#[upcast("decoding.noted", from = 1)]
fn fail(_: Value) -> Result<Value, String> {
    Err("version 1 had no note".to_owned())
}

#[expect(clippy::needless_pass_by_value, reason = "an upcast takes a value")]
#[upcast("decoding.noted", from = 2)]
fn panic(old: Value) -> Result<Value, String> {
    panic!("a bug that was met with {old}")
}

#[handler(Noted, id = "decoding.note", retry(attempts = 2, first = "1s"))]
async fn note(event: &Noted, trace: &Trace) {
    trace.push(event.note.clone());
}

#[handler(Noted, id = "decoding.newer")]
async fn newer(event: &Noted, trace: &Trace) {
    trace.push(event.note.clone());
}

#[handler(Noted, id = "decoding.length")]
async fn length(event: &Noted, trace: &Trace) {
    trace.push(event.note.len().to_string());
}

fn bus(trace: &Trace) -> Bus {
    let bus = Bus::isolated().with(note).with(newer).with(length);
    bus.provide(trace.clone()).build().unwrap()
}

/// Writes an event into the log, as a program of another version or a person might have done.
async fn append(store: &Memory, name: &str, version: u32, key: &str, payload: impl Into<Vec<u8>>) {
    let envelope = Envelope {
        id: uuid::Uuid::now_v7(),
        name: name.to_owned(),
        version,
        key: Some(key.to_owned()),
        slot: slot_of(key),
        payload: payload.into(),
        occurred_at: Timestamp::UNIX_EPOCH,
        headers: Headers::default(),
    };
    let append = Append {
        envelope,
        due_at: None,
        once: None,
    };
    store.append(append).await.unwrap();
}

fn note_of(text: &str) -> String {
    json!({ "note": text }).to_string()
}

async fn worker_for(id: &str, bus: &Bus, store: &Memory) -> Worker {
    let builder = Worker::builder(bus, store.clone()).only(id);
    builder.build().await.unwrap()
}

const FAILED: &str = "WARN the handler has failed, and is tried again";
const DIED: &str = "ERROR the event is a dead letter";
const PARKED: &str = "WARN the event is parked: no worker knows its name and version";

#[tokio::test(start_paused = true)]
async fn what_does_not_decode_is_tried_again_dies_with_its_reason_and_lets_its_key_go_on() {
    log::record();
    let (store, trace) = (Memory::new(), Trace::default());
    let worker = worker_for("decoding.note", &bus(&trace), &store).await;
    let more = json!({"note": "unknown field", "more": [1, 2]}).to_string();
    let cases = [
        ("unknown field", 3, more.as_bytes()),
        ("missing field", 3, br#"{"text": 7}"#),
        ("no JSON", 3, b"\xff\xfe{"),
        ("cut", 3, br#"{"note": "c"#),
        ("type panics", 3, br#"{"note": "13"}"#),
        ("upcast fails", 1, b"{}"),
        ("upcast panics", 2, b"{}"),
        ("no JSON of an older version", 2, b"\x00"),
        ("erased", 3, b""),
    ];
    for (key, version, payload) in cases {
        append(&store, "decoding.noted", version, key, payload).await;
        append(
            &store,
            "decoding.noted",
            3,
            key,
            note_of(&format!("after {key}")),
        )
        .await;
    }
    run(&worker).await;
    let handled = ["after erased", "after unknown field", "unknown field"];
    assert_eq!(trace.take_sorted(), handled, "no other key is open");
    assert_eq!(texts_of("decoding.note"), [FAILED; 7]);
    run_after(&worker, &store, 2).await;
    let texts = texts_of("decoding.note");
    assert_eq!(texts[7..], [DIED; 7], "each once");
    let mut handled = trace.take_sorted();
    handled.retain(|line| !line.starts_with("after "));
    assert!(handled.is_empty(), "{handled:?}");
    let partition = partition(&store, "decoding.note").await;
    assert_eq!(
        (partition.lag, partition.retries, partition.handled),
        (0, 0, 10)
    );

    let at = "at eventful-durable/tests/end_to_end/decoding.rs";
    let mut letters = dead(&store, &DeadFilter::default()).await;
    letters.sort_by_key(|it| it.envelope.key.clone());
    let reasons = letters.iter().map(|letter| {
        let last = letter.failures.last().unwrap();
        assert_eq!((letter.attempts, last.kind), (2, FailureKind::NotDecoded));
        let text = last
            .text
            .strip_prefix("`decoding.noted` of version ")
            .unwrap();
        text.replace(at, "at here")
    });
    let reasons: Vec<_> = reasons.collect();
    let expected = [
        "3: EOF while parsing a string at line 1 column 11",
        "3: missing field `note` at line 1 column 11",
        "3: expected value at line 1 column 1",
        "2: expected value at line 1 column 1",
        "3: `Deserialize` panicked: assertion `left != right` failed: unlucky",
        "1: the upcast from version 1, at here:LINE, failed: version 1 had no note",
        "2: the upcast from version 2, at here:LINE, panicked: a bug that was met with {}",
    ];
    for (reason, expected) in reasons.iter().zip(expected) {
        let (begins, ends) = expected.split_once("LINE").unwrap_or((expected, ""));
        assert!(
            reason.starts_with(begins) && reason.ends_with(ends),
            "{reasons:#?}"
        );
    }
    assert_eq!(reasons.len(), expected.len());
}

/// A program that knows what others do not.
struct Knows(Trace);

impl Handle for Knows {
    fn handle<'a>(
        &'a self,
        event: Arc<Envelope>,
        attempt: Attempt,
        _: Option<&'a mut (dyn std::any::Any + Send)>,
    ) -> BoxFuture<'a, Result<Handled, NotHandled>> {
        let payload = String::from_utf8_lossy(&event.payload);
        self.0.push(format!("{payload} {}", attempt.number));
        Box::pin(std::future::ready(Ok(Handled::default())))
    }
}

#[tokio::test(start_paused = true)]
async fn a_newer_version_is_parked_for_a_newer_program_and_no_attempt_is_spent() {
    log::record();
    let (store, trace) = (Memory::new(), Trace::default());
    let bus = bus(&trace);
    let id = "decoding.newer";
    let older = worker_for(id, &bus, &store).await;
    append(&store, "decoding.noted", 4, "ada", "four").await;
    append(&store, "decoding.noted", 3, "ada", note_of("behind")).await;
    append(&store, "decoding.noted", 3, "bob", note_of("beside")).await;
    for _ in 0..3 {
        run_after(&older, &store, 3600).await;
    }
    assert_eq!(trace.take(), ["beside"]);
    assert_eq!(texts_of(id), [PARKED]);
    let row = partition(&store, id).await;
    assert_eq!((row.parked, row.retries, row.lag), (1, 2, 0));

    let mut subscriptions = registered_subscriptions(&bus).unwrap();
    subscriptions.retain(|it| it.id == id);
    let newer = &mut subscriptions[0];
    newer.names.insert("decoding.noted".to_owned(), 4);
    newer.handler = Arc::new(Knows(trace.clone()));
    let newer = Worker::builder(subscriptions, store.clone());
    let newer = newer.build().await.unwrap();
    run(&newer).await;
    assert_eq!(trace.take(), ["four 1", "{\"note\":\"behind\"} 1"]);
    assert_eq!(partition(&store, id).await.retries, 0);
    assert_eq!(texts_of(id), [PARKED], "said once");
}

/// The store says that the program knows the version, and its handler finds that it does not.
#[tokio::test(start_paused = true)]
async fn a_version_that_only_the_handler_finds_too_new_is_parked_too() {
    log::record();
    let (store, trace) = (Memory::new(), Trace::default());
    let mut subscriptions = registered_subscriptions(&bus(&trace)).unwrap();
    subscriptions.retain(|it| it.id == "decoding.note");
    let id = "decoding.found_newer";
    id.clone_into(&mut subscriptions[0].id);
    let names = &mut subscriptions[0].names;
    names.insert("decoding.noted".to_owned(), 4);
    let builder = Worker::builder(subscriptions, store.clone());
    let worker = builder.build().await.unwrap();
    append(&store, "decoding.noted", 4, "ada", "four").await;
    append(&store, "decoding.noted", 3, "ada", note_of("behind")).await;
    append(&store, "decoding.noted", 3, "bob", note_of("beside")).await;
    run(&worker).await;
    assert_eq!(trace.take(), ["beside"]);
    assert_eq!(texts_of(id), [PARKED]);
    let row = partition(&store, id).await;
    assert_eq!((row.parked, row.retries, row.handled), (1, 2, 1));
    assert!(dead(&store, &DeadFilter::default()).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_unknown_name_is_passed_over_unless_a_newer_program_has_it() {
    log::record();
    let (store, trace) = (Memory::new(), Trace::default());
    let mut subscriptions = registered_subscriptions(&bus(&trace)).unwrap();
    subscriptions.retain(|it| it.id == "decoding.note");
    let id = "decoding.unknown";
    id.clone_into(&mut subscriptions[0].id);
    let builder = Worker::builder(subscriptions, store.clone());
    let worker = builder.build().await.unwrap();
    let newer = Registration {
        events: std::iter::once(("decoding.later".to_owned(), 1)).collect(),
        subscriptions: vec![ToRegister {
            id: id.to_owned(),
            was: Vec::new(),
            names: std::iter::once(("decoding.later".to_owned(), 1)).collect(),
            from: eventful::durable::StartsFrom::Now,
            replay: true,
        }],
    };
    store.register(&newer).await.unwrap();
    append(&store, "decoding.nobody", 1, "ada", "nobody").await;
    append(&store, "decoding.noted", 3, "ada", note_of("beside nobody")).await;
    append(&store, "decoding.later", 1, "ada", "later").await;
    append(&store, "decoding.noted", 3, "ada", note_of("behind later")).await;
    run(&worker).await;
    assert_eq!(trace.take(), ["beside nobody"]);
    assert_eq!(texts_of(id), [PARKED]);
    let row = partition(&store, id).await;
    assert_eq!((row.parked, row.retries, row.lag), (1, 2, 0));
}

/// 100 MB
const HUGE: usize = 100 * 1024 * 1024;

#[tokio::test(start_paused = true)]
async fn a_huge_event_that_is_in_the_log_anyway_is_handled() {
    let (store, trace) = (Memory::new(), Trace::default());
    let worker = worker_for("decoding.length", &bus(&trace), &store).await;
    let huge = note_of(&"n".repeat(HUGE));
    append(&store, "decoding.noted", 3, "ada", huge).await;
    append(&store, "decoding.noted", 3, "ada", note_of("behind")).await;
    run(&worker).await;
    assert_eq!(trace.take(), [HUGE.to_string(), "6".to_owned()]);
}
