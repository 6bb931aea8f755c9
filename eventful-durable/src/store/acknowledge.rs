//! The acknowledgement of the events of a partition, and its parts.

use std::sync::Arc;
use std::time::Duration;

use super::{Failure, Held, Needs, Place, Position};
use crate::{Append, Envelope, WhenDead};

/// The fates of the events of a partition: see [`Store::acknowledge`](super::Store::acknowledge).
#[derive(Clone, Debug)]
pub struct Acknowledgement {
    /// The partition and the token.
    pub held: Held,
    /// The place on which the cursor stands.
    pub from: Place,
    /// The place to which it moves. That of `from` if only retries have changed.
    pub to: Place,
    /// The number of events that were handled, for the rate that people see.
    pub handled: u64,
    /// The events that wait, and why.
    pub retries: Vec<Retry>,
    /// The positions whose retry is due now.
    pub wake: Vec<Position>,
    /// The positions whose retry is over.
    pub done: Vec<Position>,
    /// The events that were given up.
    pub dead: Vec<Dead>,
    /// The positions whose note is removed.
    pub ended: Vec<Position>,
    /// The events that handlers returned, and those that dead letters lead to.
    pub append: Vec<Append>,
    /// True if the cursor stands still because too many retries are outstanding.
    pub failing: bool,
}

/// An event that waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Retry {
    /// The position of the event.
    pub position: Position,
    /// The key of the event.
    pub key: Option<String>,
    /// The number of attempts that were made. The store keeps the instant at which this was first above zero.
    pub attempts: u32,
    /// The time at which it may run.
    pub wait: Wait,
    /// The attempts that failed, as far as they are kept.
    pub failures: Vec<Failure>,
}

/// The time at which a retry may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wait {
    /// When this time has passed, by the store's clock.
    For(Duration),
    /// When a worker that knows the event has woken it.
    Parked(Needs),
    /// When a person has retried the dead letter of the same event.
    Stopped,
}

/// An event that was given up.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use eventful::durable::WhenDead;
/// use eventful::durable::store::{Dead, Failure, Logged};
///
/// /// The event that a worker gives up after these attempts.
/// fn give_up(event: &Logged, failures: Vec<Failure>) -> Dead {
///     Dead {
///         position: event.place.position,
///         envelope: Arc::clone(&event.envelope),
///         attempts: failures.last().map_or(0, |last| last.attempt),
///         failures,
///         reason: "all attempts have failed".to_owned(),
///         when_dead: WhenDead::GoOn,
///     }
/// }
/// # let _ = give_up;
/// ```
#[derive(Clone, Debug)]
pub struct Dead {
    /// The position of the event.
    pub position: Position,
    /// The event.
    pub envelope: Arc<Envelope>,
    /// The number of attempts that were made.
    pub attempts: u32,
    /// The attempts that failed, as far as they are kept.
    pub failures: Vec<Failure>,
    /// The reason, for people.
    pub reason: String,
    /// The effect on the later events of its key.
    pub when_dead: WhenDead,
}

impl Acknowledgement {
    /// An acknowledgement that changes nothing yet: the cursor stays where it is.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::durable::store::{Acknowledgement, Held, Partition, Place, Token};
    ///
    /// let held = Held { partition: Partition::first_of("mail.confirm"), token: Token::fresh() };
    /// let acknowledgement = Acknowledgement::at(held, Place::BEGINNING);
    /// assert_eq!(acknowledgement.from, acknowledgement.to);
    /// ```
    #[must_use]
    pub fn at(held: Held, cursor: Place) -> Self {
        Self {
            held,
            from: cursor,
            to: cursor,
            handled: 0,
            retries: Vec::new(),
            wake: Vec::new(),
            done: Vec::new(),
            dead: Vec::new(),
            ended: Vec::new(),
            append: Vec::new(),
            failing: false,
        }
    }
}
