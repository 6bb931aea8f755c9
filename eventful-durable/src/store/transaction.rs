//! The transaction of a transactional handler.

use std::any::Any;

use uuid::Uuid;

use super::{Position, StoreResult, Verdict};
use crate::{Append, AppendError, BoxFuture};

/// A transaction in which one event is handled. Dropped without a commit, it is rolled back.
///
/// # Examples
///
/// ```
/// use std::collections::BTreeMap;
/// use std::time::Duration;
///
/// use eventful::durable::store::{
///     Acquire, Partition, Position, Registration, Store, StoreTransaction, ToRegister, Token, Verdict,
/// };
/// use eventful::durable::{Memory, MemoryTransaction, StartsFrom};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let store = Memory::new();
/// # let mail = ToRegister {
/// #     id: "mail.confirm".to_owned(),
/// #     was: Vec::new(),
/// #     names: BTreeMap::from([("order.placed".to_owned(), 1)]),
/// #     from: StartsFrom::Now,
/// #     replay: true,
/// # };
/// # store.register(&Registration { events: BTreeMap::new(), subscriptions: vec![mail] }).await?;
/// # let partition = Partition::first_of("mail.confirm");
/// # let worker = uuid::Uuid::new_v4();
/// # let acquire = Acquire { partition, token: Token::fresh(), worker, ttl: Duration::from_secs(30) };
/// let lease = store.acquire(&acquire).await?.expect("the lease is free");
/// let mut transaction: Box<dyn StoreTransaction> = Store::begin(&store, &lease.held).await?;
/// let lent = transaction.lend().downcast_mut::<MemoryTransaction>().expect("what `Facts::lends` says");
/// lent.on_commit(|| println!("handled"));
/// // The first event of this log has another id.
/// assert_eq!(transaction.commit(Position(1), uuid::Uuid::new_v4()).await?, Verdict::Void);
/// # Ok(())
/// # }
/// ```
pub trait StoreTransaction: Send {
    /// Lends the connection: a `&mut T` of the type of [`Facts::lends`](super::Facts::lends).
    fn lend(&mut self) -> &mut (dyn Any + Send);

    /// Appends an event that the handler has returned.
    fn append(&mut self, append: Append) -> BoxFuture<'_, Result<(), AppendError>>;

    /// Writes the *done* row of the event as its last statement, and commits. If the token does not hold, or another
    /// event has the position, nothing is committed. Another event has it if the database has failed over to a copy
    /// that lacked the event in hand.
    ///
    /// The token is compared in a way that a takeover waits for, so that it sees the row, or this sees the new token;
    /// see [`Store::acquire`](super::Store::acquire). After an error it is not known if it was committed: the takeover
    /// finds out.
    fn commit<'a>(self: Box<Self>, position: Position, event: Uuid) -> StoreResult<'a, Verdict>
    where
        Self: 'a;
}
