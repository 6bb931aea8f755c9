//! Everything that can be wrong with a wiring, and the texts that say so.

use std::fmt;

use crate::{Contract, Position, Side};

/// A fault of a wiring. `Display` says what is wrong, where, and what to write.
#[derive(Clone, Debug)]
pub enum Fault<'a> {
    /// Two handlers of an event have one id, which was chosen.
    SharedId {
        /// The later one.
        handler: Named<'a>,
        /// The earlier one.
        other: Named<'a>,
        /// The event's name.
        event: &'a str,
    },
    /// `after` or `before` names what is no handler of the event.
    TargetMissing {
        /// The handler that says so.
        handler: Named<'a>,
        /// The event or the family that it handles.
        event: String,
        /// What it says, as it is written.
        constraint: String,
        /// The function that it names, as it is written; `None` if it names an id.
        function: Option<&'a str>,
        /// The events that the target handles instead; none if no such handler is linked.
        handled: Vec<String>,
        /// The id that may have been meant.
        meant: Option<&'a str>,
    },
    /// `after` or `before` contradicts `order`.
    AgainstOrder {
        /// The handler that says so.
        handler: Named<'a>,
        /// The side of the other one.
        side: Side,
        /// The other one.
        other: Named<'a>,
    },
    /// Handlers of an event wait for each other in a cycle.
    Cycle {
        /// The event's name.
        event: &'a str,
        /// The handlers, each of which waits for the next.
        handlers: Vec<Named<'a>>,
    },
    /// An event has fewer or more handlers than it asks for.
    ContractBroken {
        /// The event's name.
        event: &'a str,
        /// Its declaration.
        position: Position<&'a str>,
        /// The number it asks for.
        contract: Contract,
        /// The handlers it has.
        handlers: Vec<Named<'a>>,
    },
    /// Two events have one name, which was chosen.
    SharedName {
        /// The name.
        name: &'a str,
        /// The declaration of the first.
        first: Position<&'a str>,
        /// The declaration of the second.
        second: Position<&'a str>,
    },
}

/// A handler in a fault. `Display` gives `shop::cache::update (src/cache.rs:12:4)`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Named<'a> {
    /// Its index among the declared handlers.
    pub index: usize,
    /// Its id.
    pub id: &'a str,
    /// Its position.
    pub position: Position<&'a str>,
    /// Its `order`.
    pub order: i32,
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
    /// An event has fewer or more handlers than it asks for.
    ContractBroken,
    /// Two handlers of an event have one id, which was chosen.
    SharedId,
    /// Two events have one name, which was chosen.
    SharedName,
}

impl<'a> Fault<'a> {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> FaultKind {
        match self {
            Self::SharedId { .. } => FaultKind::SharedId,
            Self::TargetMissing { .. } => FaultKind::TargetMissing,
            Self::AgainstOrder { .. } => FaultKind::AgainstOrder,
            Self::Cycle { .. } => FaultKind::Cycle,
            Self::ContractBroken { .. } => FaultKind::ContractBroken,
            Self::SharedName { .. } => FaultKind::SharedName,
        }
    }

    /// The one handler at fault; `None` if there are several, or none.
    #[must_use]
    pub const fn handler(&self) -> Option<Named<'a>> {
        match self {
            Self::SharedId { handler, .. }
            | Self::TargetMissing { handler, .. }
            | Self::AgainstOrder { handler, .. } => Some(*handler),
            _ => None,
        }
    }

    /// The position at which it is to be mended.
    #[must_use]
    pub fn position(&self) -> Position<&'a str> {
        match self {
            Self::SharedId { handler, .. }
            | Self::TargetMissing { handler, .. }
            | Self::AgainstOrder { handler, .. } => handler.position,
            Self::Cycle { handlers, .. } => handlers[0].position,
            Self::ContractBroken { position, .. } => *position,
            Self::SharedName { second, .. } => *second,
        }
    }
}

impl fmt::Display for Fault<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SharedId {
                handler,
                other,
                event,
            } => write!(
                formatter,
                "handlers {handler} and {other} of `{event}` have the same id; give one of them another `id = \"…\"`"
            ),
            Self::TargetMissing {
                handler,
                event,
                constraint,
                function,
                handled,
                meant,
            } => {
                write!(
                    formatter,
                    "handler {handler} of `{event}` says `{constraint}`, but "
                )?;
                match (&**handled, function) {
                    ([], Some(written)) => write!(
                        formatter,
                        "`{written}` is no handler; write `#[handler(…)]` on it, or remove the option"
                    ),
                    ([], None) => write_no_such_id(formatter, *meant),
                    (handled, _) => write!(
                        formatter,
                        "that one handles `{}`; name a handler of the same event, or remove the option",
                        handled.join("`, `")
                    ),
                }
            }
            Self::AgainstOrder {
                handler,
                side,
                other,
            } => write!(
                formatter,
                "handler {handler} says that it runs {side} {other}, but `order` says the opposite ({} against {}); \
                 remove one of the two",
                handler.order, other.order
            ),
            Self::Cycle { event, handlers } => write!(
                formatter,
                "handlers of `{event}` each run after the next, in a circle: {}; remove one `after` or `before`",
                Joined(handlers)
            ),
            Self::ContractBroken {
                event,
                position,
                contract,
                handlers,
            } => {
                write!(
                    formatter,
                    "event `{event}` ({position}) says `handlers = {contract}`, but "
                )?;
                if handlers.is_empty() {
                    return formatter.write_str(
                        "no handler of it is linked; write one, or `eventful::link!()` where its crate is only named in \
                         Cargo.toml",
                    );
                }
                let (count, s) = (handlers.len(), if handlers.len() == 1 { "" } else { "s" });
                let handlers = Joined(handlers);
                write!(
                    formatter,
                    "has {count} handler{s}: {handlers}; link as many as it says, or change the contract"
                )
            }
            Self::SharedName {
                name,
                first,
                second,
            } => write!(
                formatter,
                "two events are named `{name}`, at {first} and at {second}; give one of them another `name = \"…\"`"
            ),
        }
    }
}

fn write_no_such_id(formatter: &mut fmt::Formatter<'_>, meant: Option<&str>) -> fmt::Result {
    formatter.write_str("no linked handler has that id; ")?;
    match meant {
        Some(meant) => write!(formatter, "did you mean {meant:?}? write ")?,
        None => formatter.write_str("write the id of another handler of the same event, or ")?,
    }
    formatter.write_str("`eventful::link!()` where the handler's crate is only named in Cargo.toml")
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.id, self.position)
    }
}

struct Joined<'a>(&'a [Named<'a>]);

impl fmt::Display for Joined<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, handler) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(formatter, "{separator}{handler}")?;
        }
        Ok(())
    }
}
