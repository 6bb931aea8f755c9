//! A transaction that only remembers what was appended in it.

use std::any::Any;
use std::sync::Arc;

use eventful::Bus;
use eventful::durable::{
    Append, AppendError, Appended, Appends, Attempt, BoxFuture, Envelope, Handled, NotHandled,
    Subscription, registered_subscriptions, slot_of,
};
use jiff::Timestamp;
use serde::Serialize;

/// A store of nothing.
pub(crate) enum Log {}

/// The connection that handlers in a transaction are lent.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Connection {
    pub(crate) rows: Vec<String>,
}

#[derive(Default)]
pub(crate) struct Transaction {
    pub(crate) connection: Connection,
    pub(crate) appends: Vec<Append>,
    savepoints: Vec<(usize, usize)>,
    /// The acts, in order.
    pub(crate) done: Vec<&'static str>,
}

impl Transaction {
    pub(crate) fn names(&self) -> Vec<&str> {
        let appends = self.appends.iter();
        appends.map(|append| &*append.envelope.name).collect()
    }
}

impl Appends<Log> for Transaction {
    fn append(&mut self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        let mut appends = self.appends.iter();
        let is_known = append.once.is_some()
            && appends.any(|it| it.once == append.once && it.envelope.name == append.envelope.name);
        Box::pin(async move {
            if is_known {
                return Ok(Appended::Before);
            }
            self.done.push("append");
            self.appends.push(append);
            Ok(Appended::Now)
        })
    }

    fn savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        self.done.push("savepoint");
        let place = (self.connection.rows.len(), self.appends.len());
        self.savepoints.push(place);
        Box::pin(async { Ok(()) })
    }

    fn release_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        self.done.push("release");
        self.savepoints.pop().expect("there is a savepoint");
        Box::pin(async { Ok(()) })
    }

    fn roll_back_to_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        self.done.push("roll back");
        let (rows, appends) = self.savepoints.pop().expect("there is a savepoint");
        self.connection.rows.truncate(rows);
        self.appends.truncate(appends);
        Box::pin(async { Ok(()) })
    }

    fn lend(&mut self) -> Option<&mut (dyn Any + Send)> {
        Some(&mut self.connection)
    }
}

/// The connection itself, which can only be used for nested publishes of handlers.
impl Appends<Log> for Connection {
    fn append(&mut self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        let headers = append.envelope.headers;
        self.rows.push(format!(
            "{} because of {}",
            append.envelope.name,
            if headers.cause.is_some() {
                "an event"
            } else {
                "nothing"
            }
        ));
        Box::pin(async { Ok(Appended::Now) })
    }

    fn savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        Box::pin(async { Ok(()) })
    }

    fn release_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        Box::pin(async { Ok(()) })
    }

    fn roll_back_to_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        Box::pin(async { Ok(()) })
    }

    fn lend(&mut self) -> Option<&mut (dyn Any + Send)> {
        Some(self)
    }
}

/// An event of this name, version and content, as a store gives it.
pub(crate) fn stored(name: &str, version: u32, content: &impl Serialize) -> Arc<Envelope> {
    let id = uuid::Uuid::now_v7();
    Arc::new(Envelope {
        id,
        name: name.to_owned(),
        version,
        key: None,
        slot: slot_of(&id.to_string()),
        payload: serde_json::to_vec(content).expect("it is JSON"),
        occurred_at: Timestamp::now(),
        headers: eventful::durable::Headers::default(),
    })
}

pub(crate) fn first_attempt() -> Attempt {
    Attempt {
        number: 1,
        is_last: false,
        is_replay: false,
        started_at: Timestamp::now(),
    }
}

/// The subscription with this id on `bus`.
pub(crate) fn subscription(bus: &Bus, id: &str) -> Subscription {
    let subscriptions = registered_subscriptions(bus).expect("nothing is wrong");
    let mut subscriptions = subscriptions.into_iter();
    let found = subscriptions.find(|subscription| subscription.id == id);
    found.expect("the handler is on the bus")
}

/// Has the handler with this id handle an event once.
pub(crate) async fn handle(
    bus: &Bus,
    id: &str,
    event: Arc<Envelope>,
) -> Result<Handled, NotHandled> {
    let subscription = subscription(bus, id);
    subscription
        .handler
        .handle(event, first_attempt(), None)
        .await
}
