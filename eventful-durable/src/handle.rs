//! One attempt to handle one stored event: the border between the worker and the handlers of the program.

use std::any::Any;
use std::sync::Arc;

use jiff::Timestamp;

use crate::{BoxFuture, Envelope, HandlerError};

/// The handler of a [`Subscription`](crate::Subscription), with its bus.
///
/// # Examples
///
/// A handler that no attribute has made, for programs that find their handlers in another way:
///
/// ```
/// use std::any::Any;
/// use std::collections::BTreeMap;
/// use std::sync::Arc;
///
/// use eventful::durable::{
///     Attempt, BoxFuture, Envelope, Handle, Handled, Memory, NotHandled, Settings, StartsFrom, Subscription, WhenLate,
///     Worker,
/// };
///
/// struct Print;
///
/// impl Handle for Print {
///     fn handle<'a>(
///         &'a self,
///         event: Arc<Envelope>,
///         attempt: Attempt,
///         _lent: Option<&'a mut (dyn Any + Send)>,
///     ) -> BoxFuture<'a, Result<Handled, NotHandled>> {
///         Box::pin(async move {
///             let payload = std::str::from_utf8(&event.payload);
///             let payload = payload.map_err(|error| NotHandled::NotDecoded(error.to_string()))?;
///             println!("attempt {} of {payload}", attempt.number);
///             Ok(Handled::default())
///         })
///     }
///
///     fn when_late(&self) -> WhenLate {
///         WhenLate::Drop // the future ends when it is dropped
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let print = Subscription {
///     id: "print".to_owned(),
///     was: Vec::new(),
///     names: BTreeMap::from([("order.placed".to_owned(), 1)]),
///     from: StartsFrom::Beginning,
///     settings: Settings::default(),
///     lends: None,
///     each_process: false,
///     replay: true,
///     defined_at: concat!(file!(), ":", line!()).to_owned(),
///     handler: Arc::new(Print),
///     on_dead: None,
/// };
/// let worker = Worker::builder(vec![print], Memory::new()).build().await?;
/// worker.run_until_idle().await?;
/// # Ok(())
/// # }
/// ```
pub trait Handle: Send + Sync + 'static {
    /// Decodes the event and handles it once. A panic of the handler is caught, and is a
    /// [`NotHandled::Panicked`].
    ///
    /// `lent` is what [`Subscription::lends`](crate::Subscription::lends) asks for; it is `None` for others.
    fn handle<'a>(
        &'a self,
        event: Arc<Envelope>,
        attempt: Attempt,
        lent: Option<&'a mut (dyn Any + Send)>,
    ) -> BoxFuture<'a, Result<Handled, NotHandled>>;

    /// Returns what the worker does with an attempt that has outlived its timeout.
    fn when_late(&self) -> WhenLate {
        WhenLate::Drop
    }
}

/// The treatment of an attempt that has outlived its timeout. It has failed either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenLate {
    /// The worker drops the future, which ends the handler.
    Drop,
    /// Dropping the future would not end the handler, because it runs on another thread. The worker waits for it, and
    /// keeps the key of the event shut until then.
    Wait,
}

/// The function of a program for its dead letters.
///
/// # Examples
///
/// `#[on_dead]` makes one of a function. By hand:
///
/// ```
/// use std::sync::Arc;
///
/// use eventful::durable::{BoxFuture, Envelope, OnDead};
///
/// struct Tell;
///
/// impl OnDead for Tell {
///     fn on_dead<'a>(&'a self, event: Arc<Envelope>, reason: &'a str) -> BoxFuture<'a, Vec<Envelope>> {
///         Box::pin(async move {
///             eprintln!("{} is given up: {reason}", event.id);
///             Vec::new()
///         })
///     }
/// }
///
/// let on_dead: Arc<dyn OnDead> = Arc::new(Tell);
/// # drop(on_dead);
/// ```
pub trait OnDead: Send + Sync + 'static {
    /// Returns the events that are appended together with the dead letter. Their cause is the event that died.
    ///
    /// It is called for each death: again if a person has retried the dead letter, or has replayed the event, and it
    /// has died once more. A crash before the dead letter is stored makes it be called again for the same death.
    ///
    /// The subscription waits for it, for as long as the timeout of its handler. One that takes longer, or panics,
    /// publishes nothing, and the log has a line about it.
    fn on_dead<'a>(&'a self, event: Arc<Envelope>, reason: &'a str)
    -> BoxFuture<'a, Vec<Envelope>>;
}

/// Facts of one attempt, for the handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The number of the attempt, from 1.
    pub number: u32,
    /// True if it is the last one that the policy allows.
    pub is_last: bool,
    /// True if the event is delivered again because a person asked for it.
    pub is_replay: bool,
    /// The instant of the attempt.
    pub started_at: Timestamp,
}

/// A success.
#[derive(Debug, Default)]
pub struct Handled {
    /// The durable events that the handler returned, in order. Their cause is the event in hand.
    pub returned: Vec<Envelope>,
}

/// A failed attempt.
#[derive(Debug)]
pub enum NotHandled {
    /// The handler returned an error.
    Failed(HandlerError),
    /// The handler, or the `Display` or `Debug` of its error, panicked with this text.
    Panicked(String),
    /// The payload does not decode, or an upcast fails, for this reason. No retry cures it until the program changes.
    NotDecoded(String),
    /// The event has a version that this program does not know. It is no failure: a newer program has it.
    NewerVersion {
        /// The version of the event.
        found: u32,
        /// The newest version that this program knows.
        known: u32,
    },
}
