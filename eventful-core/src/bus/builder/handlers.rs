//! The handlers of a bus: linked ones by function and by id, and closures.

use std::any::{TypeId, type_name};
use std::panic::Location;

use eventful_wiring::did_you_mean;
use eventful_wiring::resolve::Rank;

use super::BusBuilder;
use crate::bus::handler_function::HandlerFunction;
use crate::bus::reply::Reply;
use crate::event::{Listen, Subject};
use crate::registry::{BusHandler, Closure, Registry};
use crate::report::WiringFault;

impl BusBuilder {
    /// Adds a closure as a handler of `E`. It runs after the linked handlers of order 0, and closures run in the order
    /// of the calls.
    ///
    /// No other handler of `E` on this bus may have the same id.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::mpsc;
    ///
    /// use eventful::{Bus, event};
    ///
    /// #[event]
    /// struct OrderCreated {
    ///     order_id: u64,
    /// }
    ///
    /// let (sender, receiver) = mpsc::channel();
    /// let bus = Bus::isolated()
    ///     .subscribe("collect", move |event: &OrderCreated| sender.send(event.order_id))
    ///     .build()?;
    /// bus.publish(&OrderCreated { order_id: 1 })?;
    /// assert_eq!(receiver.recv()?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn subscribe<E: Listen + ?Sized, O: Reply<E::Mode, Marker>, Marker>(
        mut self,
        id: &'static str,
        handler: impl Fn(&E) -> O + Send + Sync + 'static,
    ) -> Self {
        let ranks = self.subscribers.iter().map(BusHandler::rank);
        let number = match ranks.max() {
            Some(Rank::Subscribed(last)) => last + 1,
            _ => 0,
        };
        self.subscribers.push(BusHandler::subscribed(
            id,
            number,
            Location::caller(),
            Subject::of::<E>(),
            closure(handler),
        ));
        self
    }

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

    /// Calls `by` instead of a handler, named by its function. The bus then does not need the handler's resources.
    ///
    /// Id, order and position among the handlers stay those of the handler.
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
    /// fn send_mail(_: &OrderCreated, server: &MailServer) {}
    ///
    /// let bus = Bus::isolated()
    ///     .with(send_mail)
    ///     .replace(send_mail, |_: &OrderCreated| Err::<(), _>("no mail server"))
    ///     .build()?; // without a `MailServer`
    /// assert_eq!(bus.publish(&OrderCreated).unwrap_err().failures()[0].message(), "no mail server");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn replace<F, E, Marker, O, ReplyMarker>(
        mut self,
        _handler: F,
        by: impl Fn(&E) -> O + Send + Sync + 'static,
    ) -> Self
    where
        F: HandlerFunction<E, Marker>,
        E: Listen + ?Sized,
        O: Reply<E::Mode, ReplyMarker>,
    {
        let at = Location::caller();
        let entries = self.linked_as::<F>("replace", at);
        let event = TypeId::of::<E>();
        let replaced = self.subscribers.iter_mut().find(|subscriber| {
            subscriber.is_function(TypeId::of::<F>()) && subscriber.subject.type_id() == event
        });
        match replaced {
            Some(subscriber) => subscriber.replace(at, closure(by)),
            None => self.not_on_bus("replace", &entries, at),
        }
        self
    }

    /// Calls `by` instead of the handler of `E` with this id, which may be a closure.
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
    /// let failing = bus.derive().replace_id("mail", |_: &OrderCreated| Err::<(), _>("no mail server")).build()?;
    /// assert!(failing.publish(&OrderCreated).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn replace_id<E: Listen + ?Sized, O: Reply<E::Mode, Marker>, Marker>(
        mut self,
        id: &str,
        by: impl Fn(&E) -> O + Send + Sync + 'static,
    ) -> Self {
        let at = Location::caller();
        let subject = Subject::of::<E>();
        let mut same_id: Vec<_> = self
            .subscribers
            .iter_mut()
            .filter(|subscriber| subscriber.info.id == id)
            .collect();
        if let Some(subscriber) = same_id
            .iter_mut()
            .find(|subscriber| subscriber.subject.type_id() == subject.type_id())
        {
            subscriber.replace(at, closure(by));
        } else if let Some(subscriber) = same_id.first() {
            let (handler, event) = (subscriber.info, subscriber.subject);
            let fault = WiringFault::wrong_event(handler, event, subject, at);
            self.faults.push(fault);
        } else {
            let entries = self.linked_with_id("replace_id", id, at, Self::ids_on_bus);
            self.not_on_bus("replace_id", &entries, at);
        }
        self
    }

    fn linked_as<F: 'static>(
        &mut self,
        method: &'static str,
        at: &'static Location<'static>,
    ) -> Vec<&'static BusHandler> {
        let entries: Vec<_> = Registry::get()
            .handlers_of_function(TypeId::of::<F>())
            .collect();
        if entries.is_empty() {
            let fault = WiringFault::not_a_handler(method, type_name::<F>(), at);
            self.faults.push(fault);
        }
        entries
    }

    fn linked_with_id(
        &mut self,
        method: &'static str,
        id: &str,
        at: &'static Location<'static>,
        meant: impl FnOnce(&Self) -> Vec<&'static str>,
    ) -> Vec<&'static BusHandler> {
        let entries: Vec<_> = Registry::get().handlers_with_id(id).collect();
        if entries.is_empty() {
            let meant = did_you_mean(id, meant(self));
            self.faults
                .push(WiringFault::unknown_id(method, id, meant, at));
        }
        entries
    }

    fn ids_on_bus(&self) -> Vec<&'static str> {
        let handlers = self.subscribers.iter();
        handlers.map(|subscriber| subscriber.info.id).collect()
    }

    fn add(&mut self, entries: &[&'static BusHandler]) {
        for &entry in entries {
            let mut subscribers = self.subscribers.iter();
            if !subscribers.any(|subscriber| subscriber.is_same(entry)) {
                self.subscribers.push(entry.clone());
            }
        }
    }

    fn not_on_bus(
        &mut self,
        method: &'static str,
        entries: &[&'static BusHandler],
        at: &'static Location<'static>,
    ) {
        let faults = entries.iter().map(|entry| entry.info);
        let faults = faults.map(|handler| WiringFault::not_on_bus(method, handler, at));
        self.faults.extend(faults);
    }
}

fn linked_ids() -> Vec<&'static str> {
    let handlers = Registry::get().handlers().iter();
    handlers.map(|entry| entry.info.id).collect()
}

fn closure<E, O, Marker, C>(closure: C) -> Closure
where
    E: Listen + ?Sized,
    O: Reply<E::Mode, Marker>,
    C: Fn(&E) -> O + Send + Sync + 'static,
{
    Closure::new::<E, C, O::__Events>(O::__call::<E, C>(), closure)
}
