//! An event of a program.

use super::names::Key;
use super::source;
use crate::inspect::record::EventRecord;
use crate::resolve::EventFacts;

/// An event or an instantiation of a generic one, with the record of its type; or what stands for all instantiations.
pub(super) struct Event<'a> {
    pub(super) key: Key<'a>,
    pub(super) record: &'a EventRecord,
    /// It is there because a handler handles it, not only because one returns it.
    pub(super) is_handled: bool,
    pub(super) is_stand_in: bool,
}

impl Event<'_> {
    /// The key's name, which has the arguments; or the name that it was given, which all instantiations share.
    pub(super) fn name(&self) -> &str {
        if self.has_own_name() {
            &self.record.name
        } else {
            self.key.0
        }
    }

    pub(super) fn has_own_name(&self) -> bool {
        self.record.has_own_name && !self.is_stand_in
    }

    pub(super) fn facts(&self, index: usize) -> EventFacts {
        let families = self.record.families.iter();
        EventFacts {
            index,
            mode: self.record.mode,
            durable: self.record.durable,
            is_fail_fast: self.record.is_fail_fast,
            with: self.record.with.clone(),
            families: families.map(|family| family.name.clone()).collect(),
            source: source(&self.record.package, self.record.doc.as_ref()),
        }
    }
}
