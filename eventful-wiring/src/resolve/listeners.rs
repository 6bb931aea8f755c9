//! The handlers by the event or the family that they handle.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use super::{DeclaredEvent, DeclaredHandler, Reached};

/// Indices of handlers.
pub(super) struct Listeners<Key>(HashMap<Key, Vec<usize>>);

impl<Key: Copy + Eq + Hash> Listeners<Key> {
    pub(super) fn new(handlers: &[DeclaredHandler<'_, Key>]) -> Self {
        let mut listeners: HashMap<Key, Vec<usize>> = HashMap::new();
        for (index, handler) in handlers.iter().enumerate() {
            listeners
                .entry(handler.subject.key)
                .or_default()
                .push(index);
        }
        Self(listeners)
    }

    /// The handlers that `event` reaches, each once: by the event itself before a family, and by the families in the
    /// order in which the event lists them.
    pub(super) fn of(
        &self,
        event: &DeclaredEvent<'_, Key>,
        handlers: &[DeclaredHandler<'_, Key>],
    ) -> Vec<Reached> {
        let mut reached = Vec::new();
        self.add(event.key, None, &mut reached);
        let direct = reached.len();
        for (family, &key) in event.families.iter().enumerate() {
            self.add(key, Some(family), &mut reached);
        }
        if reached.len() > direct {
            // Entries of one handler have the same key.
            let mut ways = BTreeMap::new();
            reached.retain(|it| {
                let way = ways
                    .entry(handlers[it.handler].sort_key())
                    .or_insert(it.family);
                *way == it.family
            });
        }
        reached
    }

    fn add(&self, subject: Key, family: Option<usize>, reached: &mut Vec<Reached>) {
        let handlers = self.0.get(&subject).into_iter().flatten();
        reached.extend(handlers.map(|&handler| Reached { handler, family }));
    }
}
