//! Stored events, decoded by a program that knows other versions.

use std::sync::{Arc, Mutex};

use eventful::durable::{NotHandled, registered_subscriptions};
use eventful::{Bus, event, handler, upcast};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::log::{handle, stored};

const NAME: &str = "versions.placed";

#[event(durable, name = "versions.placed", version = 3)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Placed {
    cents: u64,
    currency: String,
}

/// Version 1 had whole euros.
#[upcast("versions.placed", from = 1)]
fn euros_to_cents(mut old: Value) -> Result<Value, String> {
    let euros = old["euros"].as_u64().ok_or("`euros` is no number")?;
    old["cents"] = json!(euros * 100);
    Ok(old)
}

/// Version 2 had euros only.
#[expect(clippy::unnecessary_wraps, reason = "an upcast returns a `Result`")]
#[upcast("versions.placed", from = 2)]
fn add_currency(mut old: Value) -> Result<Value, std::convert::Infallible> {
    assert_ne!(old["cents"], json!(13), "unlucky");
    old["currency"] = json!("EUR");
    Ok(old)
}

#[handler(Placed, id = "versions.note")]
async fn note(event: &Placed, noted: &Arc<Mutex<Vec<Placed>>>) {
    noted.lock().unwrap().push(event.clone());
}

async fn handle_stored(version: u32, content: Value) -> Result<Vec<Placed>, NotHandled> {
    let noted = Arc::<Mutex<Vec<Placed>>>::default();
    let bus = Bus::isolated()
        .with(note)
        .provide(Arc::clone(&noted))
        .build()
        .unwrap();
    handle(&bus, "versions.note", stored(NAME, version, &content)).await?;
    Ok(noted.lock().unwrap().clone())
}

fn euros(cents: u64) -> Placed {
    Placed {
        cents,
        currency: "EUR".to_owned(),
    }
}

#[tokio::test]
async fn older_versions_are_lifted_step_by_step() {
    for (version, content) in [
        (1, json!({"euros": 7})),
        (2, json!({"cents": 700})),
        (3, json!({"cents": 700, "currency": "EUR", "unknown": true})),
    ] {
        let noted = handle_stored(version, content).await.unwrap();
        assert_eq!(noted, [euros(700)], "of version {version}");
    }
}

#[tokio::test]
async fn what_does_not_decode_says_why() {
    for (version, content, reason) in [
        (
            1,
            json!({"euros": "seven"}),
            "`versions.placed` of version 1: the upcast from version 1, at ",
        ),
        (
            2,
            json!({"cents": 13}),
            "`versions.placed` of version 2: the upcast from version 2, at ",
        ),
        (
            3,
            json!({"cents": 13}),
            "`versions.placed` of version 3: missing field `currency`",
        ),
        (3, json!([1, 2, 3]), "`versions.placed` of version 3: "),
    ] {
        let failed = handle_stored(version, content).await;
        let Err(NotHandled::NotDecoded(text)) = failed else {
            panic!("{failed:?}")
        };
        assert!(text.starts_with(reason), "{text}");
    }
}

#[tokio::test]
async fn bytes_that_are_no_json_are_not_decoded() {
    let bus = Bus::isolated()
        .with(note)
        .provide(Arc::<Mutex<Vec<Placed>>>::default());
    let bus = bus.build().unwrap();
    for version in [1, 3] {
        let mut event = (*stored(NAME, version, &())).clone();
        event.payload = vec![0xff; 1_000_000];
        let failed = handle(&bus, "versions.note", Arc::new(event)).await;
        assert!(
            matches!(failed, Err(NotHandled::NotDecoded(_))),
            "{failed:?}"
        );
    }
}

#[tokio::test]
async fn a_newer_version_is_no_failure() {
    let failed = handle_stored(4, json!({"anything": true})).await;
    assert!(
        matches!(failed, Err(NotHandled::NewerVersion { found: 4, known: 3 })),
        "{failed:?}"
    );
}

#[tokio::test]
async fn an_event_of_another_name_is_not_decoded() {
    let bus = Bus::isolated()
        .with(note)
        .provide(Arc::<Mutex<Vec<Placed>>>::default());
    let bus = bus.build().unwrap();
    let failed = handle(&bus, "versions.note", stored("versions.other", 1, &())).await;
    let Err(NotHandled::NotDecoded(text)) = failed else {
        panic!("{failed:?}")
    };
    assert_eq!(text, "the handler knows no event `versions.other`");
}

#[test]
fn a_gap_in_the_chain_is_a_fault_of_those_who_handle_the_event() {
    #[event(durable, name = "versions.gap", version = 3)]
    #[derive(Serialize, Deserialize)]
    struct Gap;

    #[expect(clippy::unnecessary_wraps, reason = "an upcast returns a `Result`")]
    #[upcast("versions.gap", from = 1)]
    fn lift_gap(old: Value) -> Result<Value, String> {
        Ok(old)
    }

    #[handler(Gap, id = "versions.of_gap")]
    fn of_gap(_: &Gap) {}

    let bus = Bus::isolated().with(of_gap).build().unwrap();
    let error = registered_subscriptions(&bus).unwrap_err();
    assert_eq!(
        error.faults(),
        [
            "`versions.gap` is of version 3, and nothing lifts its version 2: write `#[upcast(\"versions.gap\", from = 2)] fn … (old: \
             serde_json::Value) -> Result<serde_json::Value, E>`"
        ]
    );
    let other = Bus::isolated()
        .with(note)
        .provide(Arc::<Mutex<Vec<Placed>>>::default());
    assert!(registered_subscriptions(&other.build().unwrap()).is_ok());
}
