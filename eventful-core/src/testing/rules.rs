//! The rules of one bus for one recorder.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;

use super::Recorder;
use super::event_types::EventType;
use super::record::{RecordedValues, Value};
use crate::AnyEvent;
use crate::bus::{Tap, Tapped};
use crate::event::Event;

/// The events of a bus that are recorded, and those of them that are faked.
#[derive(Clone)]
pub(super) struct Rules {
    recorder: Recorder,
    events: HashMap<TypeId, Rule>,
    pub(super) captures_all: bool,
    /// The events that are left out, if all others are faked.
    pub(super) fakes_all_but: Option<Vec<EventType>>,
}

/// The rule for the events of one type.
#[derive(Clone, Default)]
pub(super) struct Rule {
    pub(super) is_captured: bool,
    is_faked: Vec<Condition>,
    clone: Option<Keep>,
    projections: Vec<(TypeId, Keep)>,
}

type Condition = Arc<dyn Fn(&dyn AnyEvent) -> bool + Send + Sync>;
type Keep = Arc<dyn Fn(&dyn AnyEvent) -> Option<Arc<dyn Value>> + Send + Sync>;

impl Rules {
    /// Creates the rules for `recorder`, before there are any.
    pub(super) fn none(recorder: &Recorder) -> Self {
        Self {
            recorder: recorder.clone(),
            events: HashMap::new(),
            captures_all: false,
            fakes_all_but: None,
        }
    }

    /// Returns the rules for `recorder`, if `tap` is them.
    pub(super) fn of<'a>(recorder: &Recorder, tap: &'a Arc<dyn Tap>) -> Option<&'a Self> {
        let tap: &dyn Any = &**tap;
        tap.downcast_ref()
            .filter(|rules: &&Self| rules.recorder.is_same(recorder))
    }

    pub(super) fn event<E: Event>(&mut self) -> &mut Rule {
        self.events.entry(TypeId::of::<E>()).or_default()
    }

    fn fakes_others_than(&self, event: EventType) -> bool {
        let left_out = self.fakes_all_but.as_ref();
        left_out.is_some_and(|left_out| !left_out.contains(&event))
    }
}

impl Rule {
    pub(super) fn fake_if<E: Event>(
        &mut self,
        condition: impl Fn(&E) -> bool + Send + Sync + 'static,
    ) {
        self.is_faked.push(Arc::new(move |event| {
            event.downcast_ref().is_some_and(&condition)
        }));
    }

    pub(super) fn keep_clones<E: Event + Clone + Value>(&mut self) {
        self.clone = Some(keep(E::clone));
    }

    /// Adds a projection, and returns `true` if it is the only one to `T`.
    pub(super) fn project<E: Event, T: Value>(
        &mut self,
        projection: impl Fn(&E) -> T + Send + Sync + 'static,
    ) -> bool {
        let to = TypeId::of::<T>();
        let is_new = self.projections.iter().all(|(other, _)| *other != to);
        self.projections.push((to, keep(projection)));
        is_new
    }

    fn values(&self, event: &dyn AnyEvent) -> RecordedValues {
        let projections = self.projections.iter();
        RecordedValues {
            clone: self.clone.as_ref().and_then(|clone| clone(event)),
            projections: projections
                .filter_map(|(_, project)| project(event))
                .collect(),
        }
    }
}

fn keep<E: Event, T: Value>(make: impl Fn(&E) -> T + Send + Sync + 'static) -> Keep {
    Arc::new(move |event| {
        let value = make(event.downcast_ref()?);
        Some(Arc::new(value) as Arc<dyn Value>)
    })
}

impl Tap for Rules {
    fn tap(&self, value: &dyn AnyEvent) -> Tapped {
        let event = EventType::of_value(value);
        let rule = self.events.get(&event.type_id);
        let is_faked = self.fakes_others_than(event)
            || rule.is_some_and(|rule| rule.is_faked.iter().any(|condition| condition(value)));
        let is_captured = self.captures_all || rule.is_some_and(|rule| rule.is_captured);
        if is_faked || is_captured {
            let values = rule.map(|rule| rule.values(value)).unwrap_or_default();
            self.recorder.0.add(event, values);
        }
        if is_faked {
            Tapped::Fake
        } else {
            Tapped::Deliver
        }
    }
}
