//! Places in the log, and parts of a subscription.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The number of an event in the order of the commits, from 1. Numbers may have gaps.
///
/// # Examples
///
/// ```
/// use eventful::durable::store::{Heard, Position};
///
/// let heard = Heard { since: Position(7), version: 1 };
/// assert!(Position(7) <= heard.since, "the subscription was registered later");
/// assert!(Position(8) > heard.since, "it is delivered");
/// ```
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Position(pub i64);

/// A position, and the step that gave it.
///
/// After a failover to a copy that lags, a position may be given a second time, to another event. The step is then
/// another one, so that an acknowledgement of the first is void. A store where that cannot happen has steps of 0.
///
/// # Examples
///
/// ```
/// use eventful::durable::store::{Place, Position};
///
/// let before = Place { position: Position(7), step: 1 };
/// let after_a_failover = Place { position: Position(7), step: 2 };
/// assert_ne!(before, after_a_failover);
/// assert_eq!(Place::BEGINNING.position, Position(0));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The position.
    pub position: Position,
    /// The step that gave it.
    pub step: i64,
}

/// A part of a subscription with a cursor of its own.
///
/// # Examples
///
/// ```
/// use eventful::durable::store::Partition;
///
/// assert_eq!(Partition::first_of("mail.confirm").to_string(), "mail.confirm");
/// let fourth = Partition { subscription: "mail.confirm".to_owned(), number: 3 };
/// assert_eq!(fourth.to_string(), "mail.confirm/3");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Partition {
    /// The id of the subscription.
    pub subscription: String,
    /// The number of the part, from 0.
    pub number: u32,
}

/// A range of slots.
///
/// # Examples
///
/// ```
/// use eventful::durable::slot_of;
/// use eventful::durable::store::Slots;
///
/// let halves = Slots::ALL.split(2).expect("there are 256 slots");
/// assert_eq!(halves, [Slots { first: 0, last: 127 }, Slots { first: 128, last: 255 }]);
/// assert!(halves.iter().any(|half| half.contains(slot_of("customer 7"))));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Slots {
    /// The first slot.
    pub first: u8,
    /// The last slot, which belongs to it.
    pub last: u8,
}

impl Place {
    /// The place before the first event. It is in every log.
    pub const BEGINNING: Self = Self {
        position: Position(0),
        step: 0,
    };
}

impl Partition {
    /// The first part of a subscription.
    #[must_use]
    pub fn first_of(subscription: impl Into<String>) -> Self {
        Self {
            subscription: subscription.into(),
            number: 0,
        }
    }
}

impl Slots {
    /// All slots.
    pub const ALL: Self = Self {
        first: 0,
        last: 255,
    };

    /// Returns true if the slot is in the range.
    #[must_use]
    pub fn contains(self, slot: u8) -> bool {
        (self.first..=self.last).contains(&slot)
    }

    /// Divides the range into `parts` that follow each other, as even as can be. `None` if there are fewer slots, or no
    /// parts.
    #[must_use]
    pub fn split(self, parts: u32) -> Option<Vec<Self>> {
        let count = u32::from(self.last) - u32::from(self.first) + 1;
        if parts == 0 || parts > count {
            return None;
        }
        let start = |part: u32| u32::from(self.first) + part * count / parts;
        let slot = |value: u32| u8::try_from(value).unwrap_or(u8::MAX);
        Some(
            (0..parts)
                .map(|part| Self {
                    first: slot(start(part)),
                    last: slot(start(part + 1) - 1),
                })
                .collect(),
        )
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Display for Partition {
    /// The id alone for the first part, else `id/3`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            0 => formatter.write_str(&self.subscription),
            number => write!(formatter, "{}/{number}", self.subscription),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_covers_each_slot_once() {
        for parts in 1..=256 {
            let ranges = Slots::ALL.split(parts).expect("there are 256 slots");
            assert_eq!(ranges.len() as u64, u64::from(parts));
            for slot in 0..=255 {
                let holders = ranges.iter().filter(|range| range.contains(slot)).count();
                assert_eq!(holders, 1, "slot {slot} of {parts} parts");
            }
        }
        assert_eq!(Slots::ALL.split(0), None);
        assert_eq!(Slots::ALL.split(257), None);
    }
}
