//! The handlers of a bus: which of the linked ones it has.

use std::any::TypeId;
use std::panic::Location;

use super::{BusBuilder, linked_ids};
use crate::bus::Subscription;

impl BusBuilder {
    /// Adds a linked handler, named by its function. A handler that is already on the bus is not added twice.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// #[handler(OrderCreated)]
    /// fn update_cache(_: &OrderCreated) {}
    ///
    /// let bus = Bus::isolated().with(update_cache).build()?;
    /// assert_eq!(bus.publish(&OrderCreated)?.handled(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn with<F: 'static>(mut self, _handler: F) -> Self {
        let entries = self.linked_as::<F>("with", Location::caller());
        self.add(&entries);
        self
    }

    /// Adds the linked handlers with this id: for handlers in private modules.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// mod mail {
    ///     # use eventful::handler;
    ///     #[handler(super::OrderCreated, id = "builder.mail")]
    ///     fn send(_: &super::OrderCreated) {}
    /// }
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let bus = Bus::isolated().with_id("builder.mail").build()?;
    /// assert_eq!(bus.publish(&OrderCreated)?.handled(), 1);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn with_id(mut self, id: &str) -> Self {
        let entries = self.linked_with_id("with_id", id, Location::caller(), |_| linked_ids());
        self.add(&entries);
        self
    }

    /// Removes a handler, named by its function.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// #[handler(OrderCreated)]
    /// fn update_cache(_: &OrderCreated) {}
    ///
    /// #[handler(OrderCreated)]
    /// fn send_mail(_: &OrderCreated) {}
    ///
    /// let bus = Bus::isolated().with(update_cache).with(send_mail).build()?;
    /// let quiet = bus.derive().without(send_mail).build()?;
    /// assert_eq!(quiet.publish(&OrderCreated)?.handled(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn without<F: 'static>(mut self, _handler: F) -> Self {
        let at = Location::caller();
        let entries = self.linked_as::<F>("without", at);
        let before = self.subscribers.len();
        self.subscribers
            .retain(|subscriber| !subscriber.is_function(TypeId::of::<F>()));
        if self.subscribers.len() == before {
            self.not_on_bus("without", &entries, at);
        }
        self
    }

    /// Keeps the handlers for which `keep` returns true, among those that the builder has so far: for a process that
    /// has one of several roles. The bus needs only their resources.
    ///
    /// A bus that has fewer handlers than the program is not held to the number that each event declares.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// struct MailServer;
    ///
    /// #[handler(OrderCreated)]
    /// fn update_cache(_: &OrderCreated) {}
    ///
    /// #[handler(OrderCreated, id = "mail.send")]
    /// fn send_mail(_: &OrderCreated, server: &MailServer) {}
    ///
    /// let bus = Bus::isolated()
    ///     .with(update_cache)
    ///     .with(send_mail)
    ///     .retain(|subscription| !subscription.id().starts_with("mail."))
    ///     .build()?; // without a `MailServer`
    /// assert_eq!(bus.publish(&OrderCreated)?.handled(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn retain(mut self, mut keep: impl FnMut(Subscription<'_>) -> bool) -> Self {
        let before = self.subscribers.len();
        self.subscribers
            .retain(|subscriber| keep(Subscription(subscriber)));
        self.is_full &= self.subscribers.len() == before;
        self
    }

    /// Removes the handlers with this id, closures too.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// let bus = Bus::isolated().subscribe("mail", |_: &OrderCreated| ()).build()?;
    /// let quiet = bus.derive().without_id("mail").build()?;
    /// assert_eq!(quiet.publish(&OrderCreated)?.handled(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn without_id(mut self, id: &str) -> Self {
        let before = self.subscribers.len();
        self.subscribers
            .retain(|subscriber| subscriber.info.id != id);
        if self.subscribers.len() == before {
            let at = Location::caller();
            let entries = self.linked_with_id("without_id", id, at, Self::ids_on_bus);
            self.not_on_bus("without_id", &entries, at);
        }
        self
    }
}
