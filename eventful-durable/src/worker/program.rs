//! A program, as it is given to a worker.

use std::collections::BTreeMap;

use super::check;
use crate::Subscription;
use crate::faults::Faults;
use crate::observe::Notice;
use crate::store::{Advanced, Facts, Registered, Registration, Store, ToRegister};

/// The durable events and subscriptions of a program: what a worker is built from.
///
/// A list of subscriptions is one, and the bus of a program becomes one.
///
/// # Examples
///
/// ```standalone_crate
/// use eventful::durable::{Memory, Program, Worker};
/// # use eventful::{Bus, event, handler};
/// # use serde::{Deserialize, Serialize};
/// #
/// # #[event(durable, name = "order.placed")]
/// # #[derive(Serialize, Deserialize)]
/// # struct OrderPlaced;
/// #
/// # #[handler(OrderPlaced, id = "mail.confirm")]
/// # fn confirm(_: &OrderPlaced) {}
/// #
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bus = Bus::isolated().with(confirm).build()?;
/// let mut program = Program::from(&bus);
/// assert_eq!(program.events["order.placed"], 1);
/// program.subscriptions.retain(|subscription| subscription.id != "mail.confirm");
/// let worker = Worker::builder(program, Memory::new()).build().await?;
/// worker.run_until_idle().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The subscriptions.
    pub subscriptions: Vec<Subscription>,
    /// The names of the events that the program knows, each with its newest version, besides those of the
    /// subscriptions.
    pub events: BTreeMap<String, u32>,
    /// The faults that were found before, such as a gap in a chain of upcasts. They are reported by
    /// [`register`](crate::register) and by the worker's build.
    pub faults: Vec<String>,
}

impl From<Vec<Subscription>> for Program {
    fn from(subscriptions: Vec<Subscription>) -> Self {
        Self {
            subscriptions,
            ..Self::default()
        }
    }
}

impl Program {
    /// Takes the faults that were found before, with those of the subscriptions in such a store.
    pub(crate) fn take_faults(&mut self, facts: Facts) -> Vec<String> {
        let mut faults = std::mem::take(&mut self.faults);
        check::subscriptions(&self.subscriptions, facts, &mut faults);
        faults
    }

    /// Registers events and subscriptions. Those that are committed by now come before the registration.
    pub(crate) async fn register_in(
        &self,
        store: &dyn Store,
    ) -> Result<(Advanced, Registered), Faults> {
        let advanced = store.advance().await;
        let advanced = advanced.map_err(|error| Faults::of_store("answer", error))?;
        let registered = store.register(&self.registration()).await;
        let registered =
            registered.map_err(|error| Faults::of_store("register the program", error))?;
        Ok((advanced, registered))
    }

    fn registration(&self) -> Registration {
        let mut events = self.events.clone();
        for (name, version) in self.subscriptions.iter().flat_map(|it| &it.names) {
            let known = events.entry(name.clone()).or_insert(*version);
            *known = (*known).max(*version);
        }
        let stored = self.subscriptions.iter().filter(|it| !it.each_process);
        Registration {
            events,
            subscriptions: stored.map(ToRegister::from).collect(),
        }
    }
}

impl From<&Subscription> for ToRegister {
    fn from(subscription: &Subscription) -> Self {
        Self {
            id: subscription.id.clone(),
            was: subscription.was.clone(),
            names: subscription.names.clone(),
            from: subscription.from,
            replay: subscription.replay,
        }
    }
}

impl Registered {
    /// The notices of subscriptions that this program leaves to newer ones.
    pub(crate) fn notices(&self) -> impl Iterator<Item = Notice<'_>> {
        let older = self.older.iter();
        older.map(|(subscription, renamed_to)| Notice::Older {
            subscription,
            renamed_to,
        })
    }
}
