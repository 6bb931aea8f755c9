//! Placing an order: the one place where something begins.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use eventful::Bus;

use crate::attempt::Earlier;
use crate::events::OrderCreated;
use crate::store::save;
use crate::{Attempt, DatabaseError, InvalidOrder, NewOrder, OrderId, OrderStore, TrackedOrder};

/// The result of an attempt to place an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placed {
    /// The order is saved, and all that follows from it has happened.
    Now(TrackedOrder),
    /// An earlier attempt with the same key and body had saved it.
    Before(TrackedOrder),
}

/// Saves an order, and publishes [`OrderCreated`] after the commit. The handlers of that event do the rest.
///
/// The future must be polled to its end, or a committed order may not be published: run it in a task of its own.
///
/// # Errors
///
/// If the order or the key cannot be accepted, or if the database fails. Nothing is saved then, unless the database
/// fails after the commit.
pub async fn place(
    bus: &Bus,
    store: &OrderStore,
    attempt: &Attempt,
    new: &NewOrder,
) -> Result<Placed, PlaceError> {
    new.check()?;
    let mut pending = bus.pending_async();
    let mut transaction = store.database().write().await?;
    match attempt.earlier(&mut transaction).await? {
        Some(Earlier::OtherBody) => return Err(PlaceError::KeyReused),
        Some(Earlier::SameBody(id)) => {
            transaction.rollback().await?;
            return Ok(Placed::Before(find(store, id).await?));
        }
        None => {}
    }
    let order = Arc::new(save(&mut transaction, new).await?);
    attempt.record(order.id, &mut transaction).await?;
    let id = order.id;
    pending.push(OrderCreated { order });
    transaction.commit().await?;
    // Each failure is already logged, and in the order's audit; the order stands.
    pending.publish().await.ok();
    Ok(Placed::Now(find(store, id).await?))
}

async fn find(store: &OrderStore, id: OrderId) -> Result<TrackedOrder, PlaceError> {
    let found = store.find(id).await?;
    Ok(found.expect("an order that was committed is never deleted"))
}

/// The error of an order that was not placed.
#[derive(Debug)]
pub enum PlaceError {
    /// It cannot be ordered.
    Invalid(InvalidOrder),
    /// The key was used for something else.
    KeyReused,
    /// The database failed.
    Database(DatabaseError),
}

impl From<InvalidOrder> for PlaceError {
    fn from(error: InvalidOrder) -> Self {
        Self::Invalid(error)
    }
}

impl From<DatabaseError> for PlaceError {
    fn from(error: DatabaseError) -> Self {
        Self::Database(error)
    }
}

impl From<sqlx::Error> for PlaceError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

impl fmt::Display for PlaceError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(error) => error.fmt(formatter),
            Self::KeyReused => formatter.write_str(
                "this idempotency key was used for another order; a new order needs a new key",
            ),
            Self::Database(error) => error.fmt(formatter),
        }
    }
}

impl Error for PlaceError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Invalid(_) | Self::KeyReused => None,
            Self::Database(error) => error.source(),
        }
    }
}
