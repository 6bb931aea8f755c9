//! The demands of a durable publish on a transaction, and the publish as a future.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use jiff::Timestamp;

use crate::{BoxFuture, Envelope};

/// One event to be appended to the log, and how.
#[derive(Clone, Debug)]
pub struct Append {
    /// The event.
    pub envelope: Envelope,
    /// The instant at which it is appended to the log. `None`: by this transaction.
    pub due_at: Option<Timestamp>,
    /// A word of the publisher's. A second event of the same name and word is not appended.
    pub once: Option<String>,
}

/// The outcome of an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// The event is appended.
    Now,
    /// Another event of its name was appended under the same [`once`](Append::once), so that this one is not.
    Before,
}

/// A connection or transaction that can append events to the log of the store `S`.
///
/// # Examples
///
/// A unit of work of the program's own, which passes on to the transaction in it:
///
/// ```
/// use eventful::durable::{Append, AppendError, Appended, Appends, BoxFuture, Memory, MemoryTransaction};
/// # use std::any::Any;
/// # use eventful::event;
/// # use serde::{Deserialize, Serialize};
///
/// # #[event(durable, name = "order.placed")]
/// # #[derive(Serialize, Deserialize)]
/// # struct OrderPlaced {
/// #     order_id: u64,
/// # }
/// #
/// struct UnitOfWork {
///     transaction: MemoryTransaction,
///     orders: Vec<u64>,
/// }
///
/// impl Appends<Memory> for UnitOfWork {
///     fn append(&mut self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
///         self.transaction.append(append)
///     }
///
///     fn lend(&mut self) -> Option<&mut (dyn Any + Send)> {
///         self.transaction.lend()
///     }
///
///     // `savepoint`, `release_savepoint` and `roll_back_to_savepoint` likewise.
/// #     fn savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> { self.transaction.savepoint() }
/// #     fn release_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
/// #         self.transaction.release_savepoint()
/// #     }
/// #     fn roll_back_to_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
/// #         self.transaction.roll_back_to_savepoint()
/// #     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Memory::new();
/// let mut unit = UnitOfWork { transaction: store.begin(), orders: vec![7] };
/// OrderPlaced { order_id: unit.orders[0] }.publish(&mut unit).await?;
/// unit.transaction.commit();
/// # eventful::durable::testing::Expect::of(&store).published("order.placed", 1).await;
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "a durable event cannot be published with a `{Self}`",
    label = "this is no connection with a transaction",
    note = "a pool, and a connection of a pool, have no open transaction: write `let mut transaction = pool.begin().await?`, \
            `event.publish(&mut transaction).await?` and `transaction.commit().await?`",
    note = "a store publishes in a transaction of its own: `store.publish(&event).await?`"
)]
pub trait Appends<S: ?Sized> {
    /// Appends one event in the open transaction. The event is in the log exactly if that is committed.
    ///
    /// # Errors
    ///
    /// If no transaction is open, or the store fails. Then nothing was appended.
    fn append(&mut self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>>;

    /// Begins a savepoint: what handlers in the transaction write after it can be rolled back alone.
    ///
    /// # Errors
    ///
    /// If no transaction is open, or the store fails.
    fn savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>>;

    /// Ends the latest savepoint, and keeps what was written since.
    ///
    /// # Errors
    ///
    /// If the store fails.
    fn release_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>>;

    /// Ends the latest savepoint, and rolls back what was written since.
    ///
    /// # Errors
    ///
    /// If the store fails.
    fn roll_back_to_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>>;

    /// Returns the connection that handlers in the transaction get as `&mut T`. `None` if there is nothing to lend, as
    /// with a broker.
    fn lend(&mut self) -> Option<&mut (dyn Any + Send)>;
}

/// A durable publish: a future that writes the event in the transaction, after the handlers that are `in_transaction`.
///
/// Nothing happens until it is awaited. Options come before that.
///
/// # Examples
///
/// ```
/// use eventful::durable::{AppendError, Appending, Memory, MemoryTransaction};
/// use eventful::event;
/// # use serde::{Deserialize, Serialize};
///
/// #[event(durable, name = "order.placed")]
/// #[derive(Serialize, Deserialize)]
/// struct OrderPlaced {
///     order_id: u64,
/// }
///
/// fn place<'a>(event: &'a OrderPlaced, transaction: &'a mut MemoryTransaction) -> Appending<'a, Memory> {
///     event.publish(transaction).once(event.order_id.to_string())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), AppendError> {
/// let store = Memory::new();
/// let mut transaction = store.begin();
/// place(&OrderPlaced { order_id: 7 }, &mut transaction).await?;
/// transaction.commit();
/// # Ok(())
/// # }
/// ```
#[must_use = "a publish does nothing until it is awaited: write `.await?`"]
pub struct Appending<'a, S: ?Sized> {
    stage: Stage<'a>,
    event: &'static str,
    store: PhantomData<fn() -> Box<S>>,
}

/// The options of one publish.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) once: Option<String>,
}

type Start<'a> = Box<dyn FnOnce(Options) -> BoxFuture<'a, Result<(), AppendError>> + Send + 'a>;

enum Stage<'a> {
    Unstarted(Start<'a>, Options),
    Running(BoxFuture<'a, Result<(), AppendError>>),
    Finished,
}

impl<'a, S: ?Sized> Appending<'a, S> {
    pub(crate) fn new(
        event: &'static str,
        start: impl FnOnce(Options) -> BoxFuture<'a, Result<(), AppendError>> + Send + 'a,
    ) -> Self {
        Self {
            stage: Stage::Unstarted(Box::new(start), Options::default()),
            event,
            store: PhantomData,
        }
    }

    /// Has the event appended to the log when `instant` has come, if the transaction is committed. Handlers that are
    /// `in_transaction` run now.
    ///
    /// # Examples
    ///
    /// ```standalone_crate
    /// use std::time::Duration;
    ///
    /// use eventful::durable::{Memory, Timestamp, Worker};
    /// use eventful::{Bus, event, handler};
    /// # use std::sync::atomic::{AtomicU32, Ordering};
    /// # use serde::{Deserialize, Serialize};
    ///
    /// #[event(durable, name = "order.reminder_due")]
    /// #[derive(Serialize, Deserialize)]
    /// struct ReminderDue;
    ///
    /// # static REMINDED: AtomicU32 = AtomicU32::new(0);
    /// #[handler(ReminderDue, id = "mail.remind")]
    /// async fn remind(_: &ReminderDue) {
    /// #   REMINDED.fetch_add(1, Ordering::Relaxed);
    ///     // …
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);
    ///
    /// let store = Memory::new();
    /// let bus = Bus::isolated().with(remind).build()?;
    /// let worker = Worker::builder(&bus, store.clone()).build().await?;
    /// let mut transaction = store.begin();
    /// ReminderDue.publish(&mut transaction).at(Timestamp::now() + WEEK).await?;
    /// transaction.commit();
    /// worker.run_until_idle().await?; // nobody is reminded yet
    /// # assert_eq!(REMINDED.load(Ordering::Relaxed), 0);
    /// store.move_clock(WEEK + Duration::from_secs(1));
    /// worker.run_until_idle().await?;
    /// # assert_eq!(REMINDED.load(Ordering::Relaxed), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn at(mut self, instant: Timestamp) -> Self {
        if let Stage::Unstarted(_, options) = &mut self.stage {
            options.due_at = Some(instant);
        }
        self
    }

    /// Does nothing if an event of this name was published under the same `key`, as long as the store remembers that.
    ///
    /// # Examples
    ///
    /// ```standalone_crate
    /// use eventful::durable::{Memory, Worker};
    /// use eventful::{Bus, event, handler};
    /// # use std::sync::atomic::{AtomicU32, Ordering};
    /// # use serde::{Deserialize, Serialize};
    ///
    /// #[event(durable, name = "invoice.due")]
    /// #[derive(Serialize, Deserialize)]
    /// struct InvoiceDue;
    ///
    /// # static BILLED: AtomicU32 = AtomicU32::new(0);
    /// #[handler(InvoiceDue, id = "billing.invoice")]
    /// async fn bill(_: &InvoiceDue) {
    /// #   BILLED.fetch_add(1, Ordering::Relaxed);
    ///     // …
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = Memory::new();
    /// let bus = Bus::isolated().with(bill).build()?;
    /// let worker = Worker::builder(&bus, store.clone()).build().await?;
    /// for _ in 0..2 {
    ///     let mut transaction = store.begin();
    ///     InvoiceDue.publish(&mut transaction).once("2026-11").await?;
    ///     transaction.commit();
    /// }
    /// worker.run_until_idle().await?; // bills once
    /// # assert_eq!(BILLED.load(Ordering::Relaxed), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn once(mut self, key: impl Into<String>) -> Self {
        if let Stage::Unstarted(_, options) = &mut self.stage {
            options.once = Some(key.into());
        }
        self
    }
}

impl<S: ?Sized> Future for Appending<'_, S> {
    type Output = Result<(), AppendError>;

    /// # Panics
    ///
    /// If it is polled again after it was ready.
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let stage = &mut self.get_mut().stage;
        if let Stage::Unstarted(..) = stage
            && let Stage::Unstarted(start, options) = std::mem::replace(stage, Stage::Finished)
        {
            *stage = Stage::Running(start(options));
        }
        let Stage::Running(running) = stage else {
            panic!("`Appending` was polled after it was ready")
        };
        let poll = running.as_mut().poll(context);
        if poll.is_ready() {
            *stage = Stage::Finished;
        }
        poll
    }
}

impl<S: ?Sized> Drop for Appending<'_, S> {
    fn drop(&mut self) {
        if let Stage::Unstarted(..) = self.stage {
            tracing::warn!(target: "eventful", event = self.event, "durable publish dropped before it began");
        }
    }
}

impl<S: ?Sized> fmt::Debug for Appending<'_, S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Appending({})", self.event)
    }
}

/// A failed append.
///
/// # Examples
///
/// ```
/// use std::error::Error;
///
/// use eventful::durable::AppendError;
///
/// let error = AppendError::new("the event cannot be written").caused_by("the disk is full");
/// assert_eq!(error.to_string(), "the event cannot be written");
/// assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("the disk is full"));
/// ```
#[derive(Debug)]
pub struct AppendError {
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl AppendError {
    /// Makes an error with this text.
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            source: None,
        }
    }

    /// Adds the error behind it.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for AppendError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl Error for AppendError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as _)
    }
}
