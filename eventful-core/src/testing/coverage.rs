//! The events that a recorder records. A question about another one is a mistake, and not an answer of zero.

use std::any::TypeId;

use super::event_types::{EventType, written};
use crate::event::Event;

/// The events that the builders of all buses of one recorder name.
#[derive(Default)]
pub(super) struct Coverage {
    events: Vec<Covered>,
    /// The events that are left out, for each call that names all events.
    all_but: Vec<(Why, Vec<EventType>)>,
}

struct Covered {
    event: EventType,
    why: Why,
    has_clones: bool,
    /// The types that the event is projected to, with their written form.
    projections: Vec<(TypeId, String)>,
}

/// The reason to record an event.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    Captured,
    Faked,
}

impl Coverage {
    pub(super) fn add_clones<E: Event>(&mut self, why: Why) {
        self.covered::<E>(why).has_clones = true;
    }

    pub(super) fn add_projection<E: Event, T: 'static>(&mut self, why: Why) {
        let projections = &mut self.covered::<E>(why).projections;
        if !projections.iter().any(|(to, _)| *to == TypeId::of::<T>()) {
            projections.push((TypeId::of::<T>(), written::<T>()));
        }
    }

    pub(super) fn add_all_but(&mut self, why: Why, left_out: Vec<EventType>) {
        self.all_but.push((why, left_out));
    }

    fn covered<E: Event>(&mut self, why: Why) -> &mut Covered {
        let event = EventType::of::<E>();
        let known = self
            .events
            .iter()
            .position(|covered| covered.event == event && covered.why == why);
        let index = known.unwrap_or_else(|| {
            self.events.push(Covered {
                event,
                why,
                has_clones: false,
                projections: Vec::new(),
            });
            self.events.len() - 1
        });
        &mut self.events[index]
    }

    /// # Errors
    ///
    /// The text of the panic, if the recorder does not record `event`.
    pub(super) fn check(&self, event: EventType) -> Result<(), String> {
        let mut all_but = self.all_but.iter();
        if all_but.any(|(_, left_out)| !left_out.contains(&event))
            || self.events_of(event).next().is_some()
        {
            return Ok(());
        }
        Err(format!(
            "`{}` is not recorded here\n{}\nto record it, write `.capture::<{}>(&recorder)` on the builder of the bus",
            event.name,
            self.summary(),
            event.written(),
        ))
    }

    /// # Errors
    ///
    /// The text of the panic, if the recorder has no clones of `event`.
    pub(super) fn check_clones(&self, event: EventType) -> Result<(), String> {
        self.check(event)?;
        if self.events_of(event).any(|covered| covered.has_clones) {
            return Ok(());
        }
        let (name, written) = (event.name, event.written());
        let projections = self.projections_of(event);
        Err(if projections.is_empty() {
            format!(
                "`{name}` is recorded with all the others, without its values\n\
                 to ask about them, write `.capture::<{written}>(&recorder)` on the builder of the bus, too"
            )
        } else {
            let projections = join(&projections);
            format!(
                "`{name}` is recorded as {projections}, not as itself\n\
                 ask `projections`, or write `.capture::<{written}>(&recorder)` on the builder of the bus, too"
            )
        })
    }

    /// # Errors
    ///
    /// The text of the panic, if the recorder does not record `event` as `T`.
    pub(super) fn check_projection<T: 'static>(&self, event: EventType) -> Result<(), String> {
        self.check(event)?;
        let mut projections = self
            .events_of(event)
            .flat_map(|covered| &covered.projections);
        if projections.any(|(to, _)| *to == TypeId::of::<T>()) {
            return Ok(());
        }
        let mut recorded_as = self.projections_of(event);
        if self.events_of(event).any(|covered| covered.has_clones) {
            recorded_as.insert(0, "itself".to_owned());
        }
        let (name, event, projection) = (event.name, event.written(), written::<T>());
        let recorded_as = if recorded_as.is_empty() {
            "without its values".to_owned()
        } else {
            format!("as {}", join(&recorded_as))
        };
        Err(format!(
            "`{name}` is recorded {recorded_as}, not as `{projection}`\n\
             write `.capture_with(&recorder, |event: &{event}| …)`, with a closure that returns `{projection}`, on the builder \
             of the bus"
        ))
    }

    fn events_of(&self, event: EventType) -> impl Iterator<Item = &Covered> {
        self.events
            .iter()
            .filter(move |covered| covered.event == event)
    }

    fn projections_of(&self, event: EventType) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for (_, name) in self
            .events_of(event)
            .flat_map(|covered| &covered.projections)
        {
            let name = format!("`{name}`");
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn summary(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        for why in [Why::Captured, Why::Faked] {
            let events = self.events.iter().filter(|covered| covered.why == why);
            let events: Vec<_> = events.map(|covered| quoted(covered.event)).collect();
            if !events.is_empty() {
                parts.push(format!("{} {}", why.verb(), join(&events)));
            }
        }
        for (why, left_out) in &self.all_but {
            let left_out: Vec<_> = left_out.iter().copied().map(quoted).collect();
            parts.push(match &*left_out {
                [] => format!("{} every event", why.verb()),
                _ => format!("{} every event but {}", why.verb(), join(&left_out)),
            });
        }
        match &*parts {
            [] => "this recorder records nothing: no builder was given it".to_owned(),
            _ => format!("this recorder {}", join(&parts)),
        }
    }
}

impl Why {
    fn verb(self) -> &'static str {
        match self {
            Self::Captured => "captures",
            Self::Faked => "fakes",
        }
    }
}

fn quoted(event: EventType) -> String {
    format!("`{}`", event.name)
}

/// Returns "`A`, `B` and `C`".
fn join(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [name] => name.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
