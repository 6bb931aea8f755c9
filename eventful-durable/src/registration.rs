//! The registration of a program that runs no worker.

use std::error::Error;
use std::fmt;

use crate::Program;
use crate::faults::Faults;
use crate::observe::log;
use crate::store::{Registered, Store};

/// Registers the durable events and subscriptions of a program in a store, as the build of a [`Worker`](crate::Worker)
/// does.
///
/// A program that publishes and runs no worker calls it when it starts, before its first publish. Then the events are
/// kept for its handlers until a worker of another program runs them. A program that has built a worker is registered
/// already. A second registration changes nothing.
///
/// # Errors
///
/// Every fault of the program, or else the failure of the store. Options that say how a handler is run are checked by
/// the worker that runs it.
///
/// # Examples
///
/// ```standalone_crate
/// use eventful::durable::{self, Memory, Worker};
/// use eventful::{event, handler};
/// # use serde::{Deserialize, Serialize};
///
/// #[event(durable, name = "order.placed")]
/// #[derive(Serialize, Deserialize)]
/// struct OrderPlaced;
///
/// #[handler(OrderPlaced, id = "mail.confirm")]
/// fn confirm(_: &OrderPlaced) {}
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Memory::new();
/// let bus = eventful::bus!().build()?;
/// let registered = durable::register(&bus, &store).await?;
/// assert_eq!(registered.added, ["mail.confirm"]);
///
/// let mut transaction = store.begin();
/// OrderPlaced.publish(&mut transaction).await?;
/// transaction.commit();
///
/// // Later, and with another store in another program:
/// let worker = Worker::builder(&bus, store.clone()).build().await?;
/// worker.run_until_idle().await?;
/// let mail = &durable::state::summaries(&store).await?[0];
/// assert_eq!(mail.handled, 1);
/// # Ok(())
/// # }
/// ```
pub async fn register(
    program: impl Into<Program>,
    store: &dyn Store,
) -> Result<Registered, RegistrationError> {
    let mut program = program.into();
    let faults = program.take_faults(store.facts());
    if !faults.is_empty() {
        return Err(RegistrationError::of_faults(faults));
    }
    let registered = program.register_in(store).await;
    let (_, registered) = registered.map_err(|faults| RegistrationError { faults })?;
    for notice in registered.notices() {
        log(&notice);
    }
    Ok(registered)
}

/// Everything that is wrong with the durable events and handlers of a program, or the failure of the store.
///
/// # Examples
///
/// ```standalone_crate
/// use eventful::durable::{self, Memory, RegistrationError};
/// use eventful::{event, on_dead};
/// # use serde::{Deserialize, Serialize};
///
/// # #[event(durable, name = "order.placed")]
/// # #[derive(Serialize, Deserialize)]
/// # struct OrderPlaced;
/// #
/// #[on_dead("billing.invoise")] // a slip of the pen
/// fn tell_accounting(_: &OrderPlaced) {}
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), eventful::WiringError> {
/// let bus = eventful::bus!().build()?;
/// let error: RegistrationError = durable::register(&bus, &Memory::new()).await.unwrap_err();
/// assert!(error.faults()[0].contains("billing.invoise"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct RegistrationError {
    faults: Faults,
}

impl RegistrationError {
    pub(crate) fn of_faults(faults: Vec<String>) -> Self {
        Self {
            faults: Faults::found(faults),
        }
    }

    /// Returns the faults, a sentence each.
    #[must_use]
    pub fn faults(&self) -> &[String] {
        self.faults.all()
    }
}

impl fmt::Display for RegistrationError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.faults
            .fmt(formatter, "the program cannot be registered")
    }
}

impl Error for RegistrationError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.faults.source()
    }
}
