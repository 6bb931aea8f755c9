//! Types of events: one, or several in a tuple.

use std::any::{Any, TypeId, type_name};

use crate::AnyEvent;
use crate::event::{Event, EventInfo};
use crate::tuples::for_each_tuple;

/// One event type, or a tuple of up to twelve of them: `OrderCreated`, `(OrderCreated, StockReserved)`.
///
/// The trait is sealed.
///
/// # Examples
///
/// ```
/// use eventful::testing::Recorder;
/// use eventful::{Bus, event};
///
/// #[event]
/// struct OrderCreated;
///
/// #[event]
/// struct StockReserved;
///
/// let recorder = Recorder::new();
/// let bus = Bus::isolated().capture_all(&recorder).build()?;
/// bus.publish(&OrderCreated)?;
/// bus.publish(&StockReserved)?;
/// recorder.assert_sequence::<(OrderCreated, StockReserved)>();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither an event nor a tuple of events",
    label = "not an event",
    note = "write `#[event]` on each type; a tuple has up to twelve events"
)]
pub trait EventTypes: sealed::Sealed {
    #[doc(hidden)]
    fn __event_types() -> Vec<EventType>;
}

/// An event type as a value.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct EventType {
    pub(super) type_id: TypeId,
    /// The name in errors and logs.
    pub(super) name: &'static str,
    /// The full type, or the name if only a value of the type is known.
    type_name: &'static str,
}

impl EventType {
    pub(super) fn of<E: Event>() -> Self {
        Self {
            type_id: TypeId::of::<E>(),
            name: EventInfo::of::<E>().name(),
            type_name: type_name::<E>(),
        }
    }

    pub(super) fn of_value(event: &dyn AnyEvent) -> Self {
        let value: &dyn Any = event;
        Self {
            type_id: value.type_id(),
            name: event.event_name(),
            type_name: event.event_name(),
        }
    }

    pub(super) fn written(&self) -> String {
        without_modules(self.type_name)
    }
}

impl PartialEq for EventType {
    fn eq(&self, other: &Self) -> bool {
        self.type_id == other.type_id
    }
}

/// Returns the type as a test would write it: its name and those of its arguments, without modules.
pub(super) fn written<T: ?Sized>() -> String {
    without_modules(type_name::<T>())
}

fn without_modules(type_name: &str) -> String {
    let mut written = String::new();
    let mut segment = 0;
    for character in type_name.chars() {
        if character == ':' {
            written.truncate(segment);
        } else {
            written.push(character);
            if !character.is_alphanumeric() && character != '_' {
                segment = written.len();
            }
        }
    }
    written
}

impl<E: Event> EventTypes for E {
    fn __event_types() -> Vec<EventType> {
        vec![EventType::of::<E>()]
    }
}

macro_rules! tuples {
    () => {};
    ($($event:ident)+) => {
        // Without the attribute, the error lists tuples of letters.
        #[diagnostic::do_not_recommend]
        impl<$($event: Event),*> EventTypes for ($($event,)*) {
            fn __event_types() -> Vec<EventType> {
                vec![$(EventType::of::<$event>()),*]
            }
        }

        impl<$($event: Event),*> sealed::Sealed for ($($event,)*) {}
    };
}

for_each_tuple!(tuples: A B C D F G H I J K L M);

mod sealed {
    pub trait Sealed {}

    impl<E: crate::Event> Sealed for E {}
}

#[cfg(test)]
mod tests {
    use super::written;

    mod inner {
        pub(super) struct Plain;
        pub(super) struct Of<T>(pub(super) T);
    }

    #[test]
    fn a_type_is_written_without_modules() {
        assert_eq!(written::<inner::Plain>(), "Plain");
        assert_eq!(written::<inner::Of<inner::Plain>>(), "Of<Plain>");
        assert_eq!(
            written::<inner::Of<(inner::Plain, &'static [String])>>(),
            "Of<(Plain, &[String])>"
        );
        assert_eq!(written::<u64>(), "u64");
        assert_eq!(written::<Box<dyn Send>>(), "Box<dyn Send>");
    }
}
