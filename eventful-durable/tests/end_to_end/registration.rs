//! Programs that register and run no worker.

use eventful::durable::store::{Registered, Store};
use eventful::durable::{self, Memory};
use eventful::{Bus, event, handler, on_dead, upcast};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::world::{Trace, run, state, worker};

#[event(durable, name = "registration.placed")]
#[derive(Serialize, Deserialize)]
struct Placed(u32);

#[handler(Placed, id = "registration.confirm")]
fn confirm(event: &Placed, trace: &Trace) {
    trace.push(format!("confirm {}", event.0));
}

fn bus(trace: &Trace) -> Bus {
    let builder = Bus::isolated().with(confirm).provide(trace.clone());
    builder.build().unwrap()
}

async fn publish(store: &Memory, order: u32) {
    let mut transaction = store.begin();
    Placed(order).publish(&mut transaction).await.unwrap();
    transaction.commit();
}

#[tokio::test]
async fn what_is_published_between_the_registration_and_the_first_worker_is_delivered() {
    let (store, trace) = (Memory::new(), Trace::default());
    let bus = bus(&trace);
    // In an empty store, a subscription would begin with the first event whenever it is registered.
    publish(&store, 1).await;
    let registered = durable::register(&bus, &store).await.unwrap();
    assert_eq!(registered.added, ["registration.confirm"]);
    publish(&store, 2).await;
    let worker = worker(&bus, &store).await;
    run(&worker).await;
    assert_eq!(trace.take(), ["confirm 2"]);
}

#[tokio::test]
async fn a_second_registration_changes_nothing() {
    let (store, trace) = (Memory::new(), Trace::default());
    let bus = bus(&trace);
    durable::register(&bus, &store).await.unwrap();
    publish(&store, 1).await;
    let before = state(&store, "registration.confirm").await;
    let again = durable::register(&bus, &store).await.unwrap();
    assert_eq!(again, Registered::default());
    let after = state(&store, "registration.confirm").await;
    assert_eq!(after.partitions[0].cursor, before.partitions[0].cursor);
    assert_eq!(after.names, before.names);
    let worker = worker(&bus, &store).await;
    run(&worker).await;
    assert_eq!(trace.take(), ["confirm 1"]);
}

#[event(durable, name = "registration.gap", version = 3)]
#[derive(Serialize, Deserialize)]
struct Gap;

#[expect(clippy::unnecessary_wraps, reason = "an upcast returns a `Result`")]
#[upcast("registration.gap", from = 1)]
fn lift_gap(old: Value) -> Result<Value, String> {
    Ok(old)
}

#[handler(Gap, id = "registration.of_gap", was = "registration.confirm")]
fn of_gap(_: &Gap) {}

#[on_dead("registration.nobody")]
fn of_nobody(_: &Gap) {}

/// It wants what no memory lends.
#[handler(Gap, id = "registration.elsewhere")]
async fn elsewhere(_: &Gap, _connection: &mut Vec<u8>) {}

#[tokio::test]
async fn a_registration_tells_every_fault_at_once_and_writes_nothing() {
    let (store, trace) = (Memory::new(), Trace::default());
    let bus = bus(&trace).derive().with(of_gap).with(of_nobody);
    let bus = bus.with(elsewhere).build().unwrap();
    let error = durable::register(&bus, &store).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("the program cannot be registered: 4 faults\n  - "),
        "{text}"
    );
    let beginnings = [
        "`registration.gap` is of version 3, and nothing lifts its version 2",
        "`#[on_dead(\"registration.nobody\")]` at ",
        "`registration.elsewhere` wants `&mut alloc::vec::Vec<u8>`, but this store lends `&mut ",
        "`registration.of_gap` says `was = \"registration.confirm\"`, and that is the id of another handler",
    ];
    for (fault, beginning) in error.faults().iter().zip(beginnings) {
        assert!(fault.starts_with(beginning), "{fault}");
    }
    assert!(store.subscriptions().await.unwrap().is_empty());
}
