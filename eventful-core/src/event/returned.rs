//! The events that a handler returns, as types.

use std::marker::PhantomData;

use super::{Event, EventInfo};
use crate::record::RecordedNames;

/// The events that a handler may return, known without calling it.
#[doc(hidden)]
pub trait Events {
    /// The same, for records.
    const NAMES: RecordedNames;

    fn add_to(events: &mut Vec<&'static EventInfo>);
}

impl Events for () {
    const NAMES: RecordedNames = RecordedNames::None;

    fn add_to(_: &mut Vec<&'static EventInfo>) {}
}

/// The one event `E`; none if it never happens.
#[doc(hidden)]
#[derive(Debug)]
pub struct One<E>(PhantomData<E>);

impl<E: Event> Events for One<E> {
    const NAMES: RecordedNames = if E::__EVENT.never {
        RecordedNames::None
    } else {
        RecordedNames::One(E::__KEY)
    };

    fn add_to(events: &mut Vec<&'static EventInfo>) {
        if !E::__EVENT.never {
            events.push(EventInfo::of::<E>());
        }
    }
}
