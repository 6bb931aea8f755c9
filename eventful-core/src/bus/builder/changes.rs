//! The changes to the handlers of a builder that its methods make.

use std::any::{TypeId, type_name};
use std::panic::Location;

use eventful_wiring::did_you_mean;
use eventful_wiring::resolve::Rank;

use super::BusBuilder;
use crate::event::{Listen, Subject};
use crate::registry::{BusHandler, Closure, Registry};
use crate::report::WiringFault;

impl BusBuilder {
    pub(super) fn subscribe_closure(
        mut self,
        id: &'static str,
        subject: Subject,
        closure: Closure,
        at: &'static Location<'static>,
    ) -> Self {
        let ranks = self.subscribers.iter().map(BusHandler::rank);
        let number = match ranks.max() {
            Some(Rank::Subscribed(last)) => last + 1,
            _ => 0,
        };
        let handler = BusHandler::subscribed(id, number, at, subject, closure);
        self.subscribers.push(handler);
        self
    }

    /// Calls `closure` instead of the handler of `E` that is `F`.
    pub(super) fn replace_function<F: 'static, E: Listen + ?Sized>(
        mut self,
        method: &'static str,
        closure: Closure,
        at: &'static Location<'static>,
    ) -> Self {
        let entries = self.linked_as::<F>(method, at);
        let event = TypeId::of::<E>();
        let replaced = self.subscribers.iter_mut().find(|subscriber| {
            subscriber.is_function(TypeId::of::<F>()) && subscriber.subject.type_id() == event
        });
        match replaced {
            Some(subscriber) => subscriber.replace(at, closure),
            None => self.not_on_bus(method, &entries, at),
        }
        self
    }

    /// Calls `closure` instead of the handler with this id, which handles `subject`.
    pub(super) fn replace_with_id(
        mut self,
        method: &'static str,
        id: &str,
        subject: Subject,
        closure: Closure,
        at: &'static Location<'static>,
    ) -> Self {
        let mut same_id: Vec<_> = self
            .subscribers
            .iter_mut()
            .filter(|subscriber| subscriber.info.id == id)
            .collect();
        if let Some(subscriber) = same_id
            .iter_mut()
            .find(|subscriber| subscriber.subject.type_id() == subject.type_id())
        {
            subscriber.replace(at, closure);
        } else if let Some(subscriber) = same_id.first() {
            let (handler, event) = (subscriber.info, subscriber.subject);
            let fault = WiringFault::wrong_event(handler, event, subject, at);
            self.faults.push(fault);
        } else {
            let entries = self.linked_with_id(method, id, at, Self::ids_on_bus);
            self.not_on_bus(method, &entries, at);
        }
        self
    }

    pub(super) fn linked_as<F: 'static>(
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

    pub(super) fn linked_with_id(
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

    pub(super) fn ids_on_bus(&self) -> Vec<&'static str> {
        let handlers = self.subscribers.iter();
        handlers.map(|subscriber| subscriber.info.id).collect()
    }

    pub(super) fn add(&mut self, entries: &[&'static BusHandler]) {
        for &entry in entries {
            let mut subscribers = self.subscribers.iter();
            if !subscribers.any(|subscriber| subscriber.is_same(entry)) {
                self.subscribers.push(entry.clone());
            }
        }
    }

    pub(super) fn not_on_bus(
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
