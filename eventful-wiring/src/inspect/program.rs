//! A program, put together from its records.

mod event;
mod handler;
mod names;
mod parts;
#[cfg(test)]
mod tests;

use std::fmt;

use self::parts::Parts;
use super::record::{CrateInfo, Record};
use crate::resolve::{Declared, Fault, FaultKind, describe};
use crate::{Source, Wiring};

/// A program that was put together from its records: the wiring that `Bus::builder().wiring()` has within the program,
/// and the faults.
///
/// # Examples
///
/// ```
/// use eventful_wiring::inspect::{Program, parse};
///
/// let section = b"eventful 1 event\nin shop\nat src/lib.rs:3:12\nname shop::OrderCreated\nhandlers 1..\n\0";
/// let program = Program::new(parse(section)?);
/// assert_eq!(program.wiring().events()[0].name(), "shop::OrderCreated");
/// assert_eq!(program.faults().len(), 1); // nobody handles it
/// # Ok::<(), eventful_wiring::inspect::RecordError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Program {
    records: Vec<Record>,
    wiring: Wiring,
    faults: Vec<Fault>,
    unresolved: Vec<UnresolvedTarget>,
}

/// A constraint whose target cannot be found by the path that is written, because it was imported under another name,
/// or because several paths end so. The order may then differ from the one that is shown.
///
/// `Display` gives the handler and its constraint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnresolvedTarget {
    handler: String,
    written: String,
}

impl UnresolvedTarget {
    /// The handler: its id and its position.
    #[must_use]
    pub fn handler(&self) -> &str {
        &self.handler
    }

    /// The constraint, as it is written: `after = saved`.
    #[must_use]
    pub fn written(&self) -> &str {
        &self.written
    }
}

impl fmt::Display for UnresolvedTarget {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} says `{}`", self.handler, self.written)
    }
}

impl Program {
    /// Puts the records of one program together.
    #[must_use]
    pub fn new(records: Vec<Record>) -> Self {
        let parts = Parts::new(&records);
        let events = parts.events();
        let declared = Declared {
            events: parts.declared_events(&events),
            handlers: parts.declared_handlers(),
            linked: None,
            is_full: true,
        };
        let plan = declared.resolve();
        let is_heard = |index: usize| {
            let mut reached = plan.events[index].iter();
            reached.any(|it| !declared.handlers[it.handler].subject.is_catch_all())
        };
        let event_facts = events.iter().enumerate();
        let event_facts = event_facts.filter(|(index, it)| !it.is_stand_in || is_heard(*index));
        let wiring = describe(
            &declared,
            &plan,
            event_facts
                .map(|(index, event)| event.facts(index))
                .collect(),
            parts.handler_facts(),
            parts.family_facts(&events),
        );
        // rustc has found the function, so that only its path misleads.
        let (misled, faults): (Vec<_>, Vec<_>) = plan
            .faults
            .into_iter()
            .partition(|fault| fault.kind() == FaultKind::NotAHandler);
        let unresolved = misled.iter().filter_map(Fault::constraint);
        let unresolved = unresolved.map(|(handler, constraint)| {
            let handler = &declared.handlers[handler];
            UnresolvedTarget {
                handler: handler.to_string(),
                written: handler.constraints[constraint].to_string(),
            }
        });
        Self {
            unresolved: unresolved.collect(),
            records,
            wiring,
            faults,
        }
    }

    /// The records.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// The wiring. It has the resources of handlers as they are written, and without their types.
    #[must_use]
    pub const fn wiring(&self) -> &Wiring {
        &self.wiring
    }

    /// The faults.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The constraints that could not be resolved.
    #[must_use]
    pub fn unresolved(&self) -> &[UnresolvedTarget] {
        &self.unresolved
    }
}

fn source(package: &CrateInfo, doc: Option<&String>) -> Source {
    Source {
        package: Some(package.name.clone()),
        doc: doc.cloned(),
    }
}
