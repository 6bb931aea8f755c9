//! What events are called that share a name.

use std::collections::HashMap;
use std::hash::Hash;

/// A name for each event: of those that share one, the second by position has ` #2` after it, and so on.
#[expect(
    single_use_lifetimes,
    reason = "an anonymous lifetime in `impl Trait` is not stable"
)]
pub(crate) fn unique<'a, Key: Hash + Eq, Position: Ord>(
    events: impl Iterator<Item = (Key, &'a str, Position)>,
) -> HashMap<Key, String> {
    let mut events: Vec<_> = events.collect();
    events.sort_by(|(_, name, position), (_, other_name, other_position)| {
        (name, position).cmp(&(other_name, other_position))
    });
    let mut names = HashMap::new();
    let mut last = None;
    let mut number = 1;
    for (key, name, _) in events {
        number = if last == Some(name) { number + 1 } else { 1 };
        last = Some(name);
        let unique = match number {
            1 => name.to_owned(),
            _ => format!("{name} #{number}"),
        };
        names.insert(key, unique);
    }
    names
}
