//! The handlers that constraints may name.

use std::collections::HashMap;
use std::hash::Hash;

use super::{DeclaredHandler, Target};

/// Indices of handlers, by id and by function.
pub(super) struct Candidates<'a, Key> {
    by_id: HashMap<&'a str, Vec<usize>>,
    by_function: HashMap<Key, Vec<usize>>,
}

impl<'a, Key: Copy + Eq + Hash> Candidates<'a, Key> {
    pub(super) fn new<'d>(
        handlers: impl ExactSizeIterator<Item = &'d DeclaredHandler<'a, Key>>,
    ) -> Self
    where
        'a: 'd,
        Key: 'd,
    {
        let mut candidates = Self {
            by_id: HashMap::with_capacity(handlers.len()),
            by_function: HashMap::with_capacity(handlers.len()),
        };
        for (index, handler) in handlers.enumerate() {
            candidates.by_id.entry(handler.id).or_default().push(index);
            if let Some(function) = handler.function {
                let same = candidates.by_function.entry(function).or_default();
                same.push(index);
            }
        }
        candidates
    }

    /// The handlers with this id, in order.
    pub(super) fn with_id(&self, id: &str) -> &[usize] {
        self.by_id.get(id).map_or(&[], Vec::as_slice)
    }

    /// The handlers that `target` means and that are wanted, in order.
    pub(super) fn find(
        &self,
        target: &Target<'a, Key>,
        is_wanted: impl Fn(usize) -> bool,
    ) -> Vec<usize> {
        let wanted = |handlers: &[usize]| -> Vec<usize> {
            let handlers = handlers.iter().copied();
            handlers.filter(|&index| is_wanted(index)).collect()
        };
        let (exact, likely) = match target {
            Target::Id(id) => return wanted(self.with_id(id)),
            Target::Function { exact, likely, .. } => (exact, likely),
        };
        let with_function = |function| self.by_function.get(function);
        let exact = exact.iter().filter_map(with_function);
        let mut found: Vec<usize> = exact.flat_map(|handlers| wanted(handlers)).collect();
        found.sort_unstable();
        if found.is_empty() {
            let likely = likely.iter().filter_map(with_function);
            let mut likely = likely
                .map(|handlers| wanted(handlers))
                .filter(|handlers| !handlers.is_empty());
            if let (Some(handlers), None) = (likely.next(), likely.next()) {
                return handlers;
            }
        }
        found
    }
}
