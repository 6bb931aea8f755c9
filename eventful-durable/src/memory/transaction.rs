//! Transactions of a store in memory.

use std::any::Any;
use std::fmt;

use uuid::Uuid;

use super::Memory;
#[cfg(test)]
use super::Sabotage;
use crate::store::{Held, Position, StoreResult, StoreTransaction, Verdict};
use crate::{Append, AppendError, Appended, Appends, BoxFuture};

/// A transaction of a [`Memory`]. Dropped without a [`commit`](Self::commit), it is rolled back.
///
/// It appends events, and does what [`on_commit`](Self::on_commit) is told: that is the effect of a transactional
/// handler where there is no database. Transactions wait for nobody, and see nothing of each other.
///
/// # Examples
///
/// ```
/// use std::sync::mpsc::channel;
///
/// use eventful::durable::Memory;
///
/// let (effects, done) = channel();
/// let store = Memory::new();
/// let mut transaction = store.begin();
/// let effect = effects.clone();
/// transaction.on_commit(move || effect.send("committed").expect("it is received"));
/// transaction.commit();
/// let mut transaction = store.begin();
/// transaction.on_commit(move || effects.send("never").expect("it is received"));
/// drop(transaction);
/// assert_eq!(done.try_iter().collect::<Vec<_>>(), ["committed"]);
/// ```
pub struct MemoryTransaction {
    memory: Memory,
    writes: Vec<Write>,
    /// The number of writes at the beginning of each savepoint.
    savepoints: Vec<usize>,
}

enum Write {
    Append(Box<Append>),
    Effect(Box<dyn FnOnce() + Send>),
}

impl MemoryTransaction {
    pub(super) fn new(memory: Memory) -> Self {
        Self {
            memory,
            writes: Vec::new(),
            savepoints: Vec::new(),
        }
    }

    /// Does this when the transaction is committed, in the order of the calls; never if it is rolled back. It must be
    /// short, and must not use the store.
    pub fn on_commit(&mut self, effect: impl FnOnce() + Send + 'static) {
        self.writes.push(Write::Effect(Box::new(effect)));
    }

    /// Commits.
    pub fn commit(self) {
        let memory = self.memory.clone();
        memory.step(|tables, now| self.write(tables, now));
        memory.inner.bell.ring();
    }

    /// Rolls everything back.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::durable::Memory;
    /// use eventful::durable::testing::Expect;
    /// # use eventful::event;
    /// # use serde::{Deserialize, Serialize};
    ///
    /// # #[event(durable, name = "order.placed")]
    /// # #[derive(Serialize, Deserialize)]
    /// # struct OrderPlaced;
    /// #
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = Memory::new();
    /// let mut transaction = store.begin();
    /// OrderPlaced.publish(&mut transaction).await?;
    /// transaction.rollback();
    /// Expect::of(&store).published("order.placed", 0).await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn rollback(self) {}

    fn write(self, tables: &mut super::Tables, now: jiff::Timestamp) {
        for write in self.writes {
            match write {
                Write::Append(append) => tables.append(*append, now),
                Write::Effect(effect) => effect(),
            }
        }
    }

    /// Returns true if the word of `append` was said before, in this transaction or in one that was committed.
    fn was_said(&self, append: &Append) -> bool {
        let Some(word) = &append.once else {
            return false;
        };
        let name = &append.envelope.name;
        let is_said_here = self.writes.iter().any(|write| match write {
            Write::Append(other) => {
                other.once.as_ref() == Some(word) && other.envelope.name == *name
            }
            Write::Effect(_) => false,
        });
        is_said_here
            || self.memory.step(|tables, _| {
                let word = (name.clone(), word.clone());
                tables.once.contains_key(&word)
            })
    }

    fn end_savepoint(&mut self) -> Result<usize, AppendError> {
        let savepoint = self.savepoints.pop();
        savepoint.ok_or_else(|| AppendError::new("there is no savepoint to end"))
    }
}

impl Appends<Memory> for MemoryTransaction {
    /// Returns [`Appended::Now`] to both of two transactions that are open at once and say the same word of
    /// [`once`](Append::once). The first one that is committed appends its event.
    fn append(&mut self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        let appended = if self.was_said(&append) {
            Appended::Before
        } else {
            self.writes.push(Write::Append(Box::new(append)));
            Appended::Now
        };
        Box::pin(std::future::ready(Ok(appended)))
    }

    fn savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        self.savepoints.push(self.writes.len());
        Box::pin(std::future::ready(Ok(())))
    }

    fn release_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        let ended = self.end_savepoint().map(drop);
        Box::pin(std::future::ready(ended))
    }

    fn roll_back_to_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        let ended = self.end_savepoint();
        let ended = ended.map(|writes| self.writes.truncate(writes));
        Box::pin(std::future::ready(ended))
    }

    fn lend(&mut self) -> Option<&mut (dyn Any + Send)> {
        Some(self)
    }
}

/// The transaction of a transactional handler.
pub(super) struct HandlerTransaction {
    transaction: MemoryTransaction,
    held: Held,
}

impl HandlerTransaction {
    pub(super) fn new(memory: Memory, held: Held) -> Self {
        Self {
            transaction: MemoryTransaction::new(memory),
            held,
        }
    }

    fn commit_now(self, position: Position, event: Uuid) -> Verdict {
        let Self { transaction, held } = self;
        let memory = transaction.memory.clone();
        let verdict = memory.step(|tables, now| {
            let is_held = tables.is_held(&held);
            #[cfg(test)]
            let is_held = is_held || memory.has(Sabotage::NoToken);
            if !is_held || !tables.has_event(&held.partition, position, event) {
                return Verdict::Void;
            }
            #[cfg(test)]
            let leaves_row = !memory.has(Sabotage::NoDoneRow);
            #[cfg(not(test))]
            let leaves_row = true;
            if let Some(row) = tables.partition_mut(&held.partition)
                && leaves_row
            {
                row.done.insert(position);
            }
            transaction.write(tables, now);
            Verdict::Accepted
        });
        memory.inner.bell.ring();
        verdict
    }
}

impl StoreTransaction for HandlerTransaction {
    fn lend(&mut self) -> &mut (dyn Any + Send) {
        &mut self.transaction
    }

    fn append(&mut self, append: Append) -> BoxFuture<'_, Result<(), AppendError>> {
        Box::pin(async move {
            Appends::append(&mut self.transaction, append).await?;
            Ok(())
        })
    }

    fn commit<'a>(self: Box<Self>, position: Position, event: Uuid) -> StoreResult<'a, Verdict>
    where
        Self: 'a,
    {
        Box::pin(async move { Ok(self.commit_now(position, event)) })
    }
}

impl fmt::Debug for MemoryTransaction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("MemoryTransaction")
            .field("writes", &self.writes.len())
            .finish_non_exhaustive()
    }
}
