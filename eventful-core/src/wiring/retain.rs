//! Less of a wiring, for whoever wants to see a part.

use super::{WiredEvent, WiredFamily, WiredHandler, Wiring};

impl Wiring {
    /// Keeps some of the events.
    pub fn retain_events(&mut self, keep: impl FnMut(&WiredEvent) -> bool) {
        self.events.retain(keep);
    }

    /// Keeps some of the families.
    pub fn retain_families(&mut self, keep: impl FnMut(&WiredFamily) -> bool) {
        self.families.retain(keep);
    }

    /// Keeps some of the handlers, of events and of families. What has none left stays.
    pub fn retain_handlers(&mut self, mut keep: impl FnMut(&WiredHandler) -> bool) {
        for event in &mut self.events {
            event.handlers.retain(&mut keep);
        }
        for family in &mut self.families {
            family.handlers.retain(&mut keep);
        }
    }
}
