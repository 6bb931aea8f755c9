//! A handler that a bus can bind: one that was linked, or a closure that a builder was given.

use std::any::{Any, TypeId};
use std::panic::Location;
use std::sync::Arc;

use eventful_wiring::HandlerOrigin;
use eventful_wiring::resolve::Rank;

use super::entry::{BindLinked, BoundHandler, Description, HandlerCall, HandlerEntry, bind};
use crate::event::{EventInfo, Events, Listen, MemberOf, Subject, plain_path};
use crate::handler::{Constraint, HandlerInfo, Position, SeparateOptions, StartedBy};
use crate::resource::{Requirement, Resources};

/// A handler of one event or one family: its identity, its needs and its call.
#[derive(Clone)]
pub(crate) struct BusHandler {
    pub(crate) info: HandlerInfo,
    pub(crate) subject: Subject,
    pub(crate) constraints: &'static [Constraint],
    /// `None` for a closure that replaces no function.
    pub(crate) function: Option<TypeId>,
    /// The options under which it runs by itself; `None` if it runs in the publish.
    pub(crate) separate: Option<&'static SeparateOptions>,
    source: Source,
}

#[derive(Clone)]
enum Source {
    Linked {
        entry: &'static HandlerEntry,
        call: HandlerCall,
        requirements: fn() -> Vec<Requirement>,
        returned: fn(&mut Vec<&'static EventInfo>),
        bind: BindLinked,
    },
    /// A closure has a rank of its own, or that of the handler whose place it takes.
    Closure(Closure, Box<Rank<'static>>),
}

type Bind = dyn Fn(&dyn Any) -> BoundHandler + Send + Sync;

/// The identity of a linked handler without the `r#` of modules, which `module_path!` keeps.
fn plain(info: HandlerInfo) -> HandlerInfo {
    HandlerInfo {
        id: if info.has_own_id {
            info.id
        } else {
            plain_path(info.id)
        },
        position: info.position.in_module(plain_path),
        ..info
    }
}

/// A closure with its type erased.
#[derive(Clone)]
pub(crate) struct Closure {
    call: HandlerCall,
    /// Takes the projection from the event of a table.
    bind: Arc<Bind>,
    returned: fn(&mut Vec<&'static EventInfo>),
}

impl Closure {
    /// `call` calls a `C`.
    pub(crate) fn new<E, C, Returned>(call: HandlerCall, closure: C) -> Self
    where
        E: Listen + ?Sized,
        C: Send + Sync + 'static,
        Returned: Events,
    {
        let closure = Arc::new(closure);
        Self {
            call,
            bind: Arc::new(move |projection| {
                bind::<E, Arc<C>>(call, projection, Arc::clone(&closure))
            }),
            returned: Returned::add_to,
        }
    }
}

impl BusHandler {
    pub(super) fn linked(entry: &'static HandlerEntry) -> Self {
        let Description {
            function,
            call,
            signature,
        } = (entry.description)();
        let signature = signature();
        Self {
            info: plain(entry.info(signature.subject)),
            subject: signature.subject,
            constraints: entry.constraints(),
            function: Some(function),
            separate: entry.separate_options(signature.subject),
            source: Source::Linked {
                entry,
                call,
                requirements: signature.requirements,
                returned: signature.returned,
                bind: signature.bind,
            },
        }
    }

    /// A closure that a builder call at `at` was given, the one of this number.
    pub(crate) fn subscribed(
        id: &'static str,
        number: usize,
        at: &'static Location<'static>,
        subject: Subject,
        closure: Closure,
    ) -> Self {
        let position = Position::new("", at.file(), at.line(), at.column());
        Self {
            info: HandlerInfo {
                id,
                has_own_id: true,
                order: 0,
                position,
                is_guarded: false,
                is_catch_all: subject.is_catch_all(),
                started_by: if subject.is_durable() {
                    StartedBy::Worker
                } else {
                    StartedBy::Publish
                },
            },
            subject,
            constraints: &[],
            function: None,
            separate: subject.is_durable().then_some(&SeparateOptions::DEFAULT),
            source: Source::Closure(closure, Box::new(Rank::Subscribed(number))),
        }
    }

    /// Replaces the body. Id and order stay, and the handler needs no resources any more.
    pub(crate) fn replace(&mut self, at: &'static Location<'static>, closure: Closure) {
        let rank = Box::new(self.rank());
        let module_path = self.info.module_path();
        self.info.position = Position::new(module_path, at.file(), at.line(), at.column());
        self.info.is_guarded = false;
        self.source = Source::Closure(closure, rank);
    }

    pub(crate) fn is_function(&self, function: TypeId) -> bool {
        self.function == Some(function)
    }

    /// Tells if both are the same linked handler, replaced or not.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.function == other.function
            && self.subject.type_id() == other.subject.type_id()
            && self.rank() == other.rank()
    }

    /// The rank among handlers of the same `order`.
    pub(crate) fn rank(&self) -> Rank<'static> {
        match &self.source {
            Source::Linked { .. } => Rank::Linked(self.info.position, self.info.id),
            Source::Closure(_, rank) => **rank,
        }
    }

    pub(crate) fn origin(&self) -> HandlerOrigin {
        match (&self.source, self.rank()) {
            (Source::Linked { .. }, _) => HandlerOrigin::Linked,
            (Source::Closure(..), Rank::Linked(..)) => HandlerOrigin::Replaced,
            (Source::Closure(..), Rank::Subscribed(_)) => HandlerOrigin::Subscribed,
        }
    }

    /// The resources it needs.
    pub(crate) fn requirements(&self) -> Vec<Requirement> {
        match &self.source {
            Source::Linked { requirements, .. } => requirements(),
            Source::Closure(..) => Vec::new(),
        }
    }

    /// The resources it needs, as they are written.
    pub(crate) fn written_requirements(&self) -> impl Iterator<Item = &'static str> {
        let linked = match &self.source {
            Source::Linked { entry, .. } => Some(entry.written_requirements()),
            Source::Closure(..) => None,
        };
        linked.into_iter().flatten()
    }

    /// The events that it may return.
    pub(crate) fn returned(&self) -> Vec<&'static EventInfo> {
        let mut events = Vec::new();
        match &self.source {
            Source::Linked { returned, .. } => returned(&mut events),
            Source::Closure(closure, _) => (closure.returned)(&mut events),
        }
        events
    }

    pub(crate) fn is_async(&self) -> bool {
        let call = match &self.source {
            Source::Linked { call, .. } => call,
            Source::Closure(closure, _) => &closure.call,
        };
        call.is_async()
    }

    /// Binds the handler to its resources, for an event that it handles as a member of `family` or by itself. Returns
    /// `None` if a resource is missing.
    pub(crate) fn bind(
        &self,
        resources: &Resources,
        family: Option<MemberOf<'_>>,
    ) -> Option<BoundHandler> {
        let projection = family.map_or_else(|| Box::new(()) as _, MemberOf::projection);
        match &self.source {
            Source::Linked { call, bind, .. } => bind(*call, resources, &*projection),
            Source::Closure(closure, _) => Some((closure.bind)(&*projection)),
        }
    }
}
