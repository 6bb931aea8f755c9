//! The rules that hold in the end.

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use super::ledger::Line;
use super::step::Behaviour;
use super::world::{World, label_of};
use crate::Envelope;
use crate::store::{DeadFilter, Place, Store};

impl World {
    pub(super) async fn check(&self) -> Result<(), String> {
        let dead = self.store.dead_letters(&DeadFilter::default()).await;
        let dead = dead.map_err(|error| error.to_string())?;
        for letter in &dead {
            let behaviour = self.behaviours[&letter.envelope.id];
            let kills = behaviour == Behaviour::Kills && self.has_killers;
            let is_unlucky = !self.has_killers && self.kills >= 3;
            let is_killed = letter.reason.starts_with("killed");
            let is_guilty = behaviour == Behaviour::FailsForGood || kills;
            if !(is_guilty || is_unlucky && is_killed) {
                return Err(format!("{} is innocent: {letter:?}", letter.envelope.id));
            }
        }
        let is_dead = |label: &str, id: Uuid| {
            let mut letters = dead.iter();
            letters.any(|it| label_of(&it.subscription) == label && it.envelope.id == id)
        };
        let book = self.ledger.book();
        if let Some(collision) = &book.collision {
            return Err(collision.clone());
        }
        for label in ["mail", "stock", "late"] {
            let lines = book.lines.get(label).map_or(&[][..], |lines| lines);
            let heard = self.log.iter().filter(|(place, envelope)| {
                let mut since = self.since.iter();
                since.any(|((of, name), since)| {
                    *of == label && *name == envelope.name && place.position > *since
                })
            });
            let heard: Vec<_> = heard.collect();
            for (_, envelope) in &heard {
                let id = envelope.id;
                let successes = lines
                    .iter()
                    .filter(|line| **line == Line::Succeeded(id))
                    .count();
                if successes == 0 && !is_dead(label, id) {
                    return Err(format!("{id} is lost on {label}"));
                }
                if label == "stock" && successes > 1 {
                    return Err(format!("{id} has {successes} effects"));
                }
            }
            check_order(label, &heard, lines)?;
        }
        Ok(())
    }
}

/// Each event starts when all before it of its key have succeeded or died.
fn check_order(
    label: &str,
    heard: &[&(Place, Arc<Envelope>)],
    lines: &[Line],
) -> Result<(), String> {
    let first = |wanted: &dyn Fn(&Line) -> bool| lines.iter().position(wanted);
    let mut before: BTreeMap<&str, (Uuid, usize)> = BTreeMap::new();
    for (_, envelope) in heard {
        let (id, Some(key)) = (envelope.id, &envelope.key) else {
            continue;
        };
        let ended = first(&|line| [Line::Succeeded(id), Line::Died(id)].contains(line));
        let started = first(&|line| *line == Line::Started(id));
        if let (Some(started), Some((other, other_ended))) = (started, before.get(&**key))
            && started < *other_ended
        {
            return Err(format!("{id} overtakes {other} on {label}"));
        }
        let ended = ended.unwrap_or(usize::MAX);
        before.insert(key, (id, ended));
    }
    Ok(())
}
