//! Everything that can be wrong with a wiring, and the texts that say so.

use std::fmt;

use super::{Constraint, DeclaredEvent, DeclaredHandler, Target};
use crate::did_you_mean::question;
use crate::{Contract, Side, WiredPosition};

/// A fault of a wiring, whatever a bus provides. `Display` says what is wrong, where, and what to write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    kind: FaultKind,
    position: WiredPosition,
    message: String,
    handler: Option<usize>,
    constraint: Option<usize>,
}

/// The kind of a fault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum FaultKind {
    /// Handlers of an event wait for each other in a cycle.
    Cycle,
    /// `after` or `before` contradicts `order`.
    AgainstOrder,
    /// `after` or `before` names what is no handler of the event.
    TargetMissing,
    /// `after` or `before` names a function that is no handler. A reader of records cannot tell this from an import.
    NotAHandler,
    /// An event has fewer or more handlers than it asks for.
    ContractBroken,
    /// Two handlers of an event have one id, which was chosen.
    SharedId,
    /// Two events have one name, which was chosen.
    SharedName,
}

impl Fault {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> FaultKind {
        self.kind
    }

    /// The position at which it is to be mended.
    #[must_use]
    pub const fn position(&self) -> &WiredPosition {
        &self.position
    }

    /// The index of the one handler at fault among those that were declared; `None` if there are several, or none.
    #[must_use]
    pub const fn handler(&self) -> Option<usize> {
        self.handler
    }

    /// The handler and its constraint, by their indices, if a constraint is at fault.
    #[must_use]
    pub fn constraint(&self) -> Option<(usize, usize)> {
        self.handler.zip(self.constraint)
    }

    pub(super) fn shared_id<K>(
        (index, handler): (usize, &DeclaredHandler<'_, K>),
        twin: &DeclaredHandler<'_, K>,
        event: &str,
    ) -> Self {
        let message = format!(
            "handlers {handler} and {twin} of `{event}` have the same id; give one of them another `id = \"…\"`"
        );
        Self::of_handler(FaultKind::SharedId, index, handler, message)
    }

    /// `subjects` are the events that the target handles instead, `meant` is the id that may have been meant.
    pub(super) fn target_missing<K>(
        (index, handler): (usize, &DeclaredHandler<'_, K>),
        constraint: usize,
        subjects: &[String],
        meant: Option<&str>,
    ) -> Self {
        let Constraint { target, .. } = &handler.constraints[constraint];
        let (kind, what) = match (subjects, target) {
            ([], Target::Function { written, .. }) => (
                FaultKind::NotAHandler,
                format!(
                    "`{written}` is no handler; write `#[handler(…)]` on it, or remove the option"
                ),
            ),
            ([], Target::Id(id)) => {
                let write = match meant {
                    Some(meant) => format!("{} write", question(id, meant)),
                    None => "write the id of another handler of the same event, or".to_owned(),
                };
                let what = format!(
                    "no linked handler has that id; {write} `eventful::link!()` where the handler's crate is only named in \
                     Cargo.toml"
                );
                (FaultKind::TargetMissing, what)
            }
            (subjects, _) => {
                let subjects = subjects.join("`, `");
                let what = format!(
                    "that one handles `{subjects}`; name a handler of the same event, or remove the option"
                );
                (FaultKind::TargetMissing, what)
            }
        };
        let (subject, written) = (&handler.subject, &handler.constraints[constraint]);
        let message = format!("handler {handler} of `{subject}` says `{written}`, but {what}");
        Self {
            constraint: Some(constraint),
            ..Self::of_handler(kind, index, handler, message)
        }
    }

    pub(super) fn against_order<K>(
        (index, handler): (usize, &DeclaredHandler<'_, K>),
        side: Side,
        other: &DeclaredHandler<'_, K>,
    ) -> Self {
        let message = format!(
            "handler {handler} says that it runs {side} {other}, but `order` says the opposite ({} against {}); \
             remove one of the two",
            handler.order, other.order
        );
        Self::of_handler(FaultKind::AgainstOrder, index, handler, message)
    }

    pub(super) fn beside_separate<K>(
        (index, handler): (usize, &DeclaredHandler<'_, K>),
        constraint: usize,
        other: &DeclaredHandler<'_, K>,
    ) -> Self {
        let message = format!(
            "handler {handler} says `{}`, but {other} runs by itself, after the commit; remove the option, or write `in_transaction` \
             on the other one",
            handler.constraints[constraint]
        );
        Self::of_handler(FaultKind::AgainstOrder, index, handler, message)
    }

    pub(super) fn shared_separate_id<K>(
        (index, handler): (usize, &DeclaredHandler<'_, K>),
        twin: &DeclaredHandler<'_, K>,
    ) -> Self {
        let message = format!(
            "the handlers of durable events at {} and at {} share the id `{}`, under which the store keeps one place; give one of them \
             another id",
            twin.position, handler.position, handler.id
        );
        Self::of_handler(FaultKind::SharedId, index, handler, message)
    }

    pub(super) fn cycle<K>(event: &str, handlers: &[&DeclaredHandler<'_, K>]) -> Self {
        let message = format!(
            "handlers of `{event}` each run after the next, in a cycle: {}; remove one `after` or `before`",
            joined(handlers)
        );
        Self::new(FaultKind::Cycle, handlers[0].position.owned(), message)
    }

    pub(super) fn contract_broken<K>(
        event: &DeclaredEvent<'_, K>,
        contract: Contract,
        handlers: &[&DeclaredHandler<'_, K>],
    ) -> Self {
        let what = match handlers.len() {
            0 => "no handler of its own is linked, and those of families do not count; write one, or \
                  `eventful::link!()` where its crate is only named in Cargo.toml; a test of a single crate begins \
                  with `Bus::isolated()`"
                .to_owned(),
            count => format!(
                "has {count} handler{} of its own: {}; link as many as it says, or change the contract",
                if count == 1 { "" } else { "s" },
                joined(handlers)
            ),
        };
        let (name, position) = (event.name, event.position);
        let message =
            format!("event `{name}` ({position}) says `handlers = {contract}`, but {what}");
        Self::new(FaultKind::ContractBroken, position.owned(), message)
    }

    pub(super) fn shared_name<K>(
        first: &DeclaredEvent<'_, K>,
        second: &DeclaredEvent<'_, K>,
    ) -> Self {
        let message = format!(
            "two events are named `{}`, at {} and at {}; give one of them another `name = \"…\"`",
            first.name, first.position, second.position
        );
        Self::new(FaultKind::SharedName, second.position.owned(), message)
    }

    fn of_handler<K>(
        kind: FaultKind,
        index: usize,
        handler: &DeclaredHandler<'_, K>,
        message: String,
    ) -> Self {
        Self {
            handler: Some(index),
            ..Self::new(kind, handler.position.owned(), message)
        }
    }

    fn new(kind: FaultKind, position: WiredPosition, message: String) -> Self {
        Self {
            kind,
            position,
            message,
            handler: None,
            constraint: None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

fn joined<K>(handlers: &[&DeclaredHandler<'_, K>]) -> String {
    let handlers = handlers.iter().map(ToString::to_string);
    handlers.collect::<Vec<_>>().join(", ")
}
