//! What the registry knows of a handler.

use std::any::{Any, TypeId};

use super::entry::{BoundHandler, Description, HandlerCall, HandlerEntry, Signature};
use crate::event::{EventInfo, Subject};
use crate::handler::{Constraint, HandlerInfo};
use crate::resource::{Requirement, Resources};

/// A linked handler: who it is, what it needs and how it is called.
pub(crate) struct LinkedHandler {
    pub(crate) info: HandlerInfo,
    pub(crate) subject: Subject,
    pub(crate) function: TypeId,
    call: HandlerCall,
    signature: Signature,
    entry: &'static HandlerEntry,
}

impl LinkedHandler {
    pub(super) fn new(entry: &'static HandlerEntry) -> Self {
        let Description {
            function,
            call,
            signature,
        } = (entry.description)();
        let signature = signature();
        let subject = signature.subject;
        Self {
            info: entry.info().catch_all(subject.is_catch_all()),
            subject,
            function,
            call,
            signature,
            entry,
        }
    }

    pub(crate) fn constraints(&self) -> &'static [Constraint] {
        self.entry.constraints()
    }

    pub(crate) fn requirements(&self) -> Vec<Requirement> {
        (self.signature.requirements)()
    }

    /// What it is lent, as it is written.
    pub(crate) fn lent(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.entry.lent()
    }

    /// The events that it may return.
    pub(crate) fn returned(&self) -> Vec<&'static EventInfo> {
        let mut events = Vec::new();
        (self.signature.returned)(&mut events);
        events
    }

    pub(crate) fn is_async(&self) -> bool {
        self.call.is_async()
    }

    /// The handler with its resources; `projection` leads from the event to what it listens to. None if a resource is
    /// missing.
    pub(crate) fn bind(&self, resources: &Resources, projection: &dyn Any) -> Option<BoundHandler> {
        (self.signature.bind)(&self.call, resources, projection)
    }

    pub(super) fn sort_key(&self) -> impl Ord + use<> {
        // The subject comes last: one function may handle several.
        (
            self.info.order,
            self.info.position,
            self.info.id,
            self.subject.sort_key(),
        )
    }
}
