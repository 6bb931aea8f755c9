//! The steps that a model may take.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

/// A run of the model.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// Events kill their process, or else processes are killed from outside.
    pub(super) has_killers: bool,
    pub(super) steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    Publish(Event),
    /// Several events in one transaction.
    Transaction(Vec<Event>, End),
    /// An event that is appended later.
    Schedule(Event, Duration),
    /// A worker runs until it is idle.
    Idle,
    /// A worker runs for a while, and is killed.
    Crash(Duration),
    /// A worker loses its leases while it runs, and does not know it.
    Zombie(Duration),
    /// Two workers run for a while, and stop.
    Two(Duration),
    Sleep(Duration),
    /// From now on programs take a second event in `mail`.
    Grow,
    /// From now on programs have the subscription `late`.
    Register,
    /// A program of before the latest rename starts, and runs until it is idle.
    OldProgram,
    /// From now on programs call `mail` by another id.
    Rename,
    Split,
    Join,
    Replay,
    RetryDead,
    Trim,
    Pause,
    Resume,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Commit,
    RollBack,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Event {
    pub(super) key: Option<u8>,
    pub(super) is_second_name: bool,
    pub(super) behaviour: Behaviour,
}

/// The behaviour of handlers with the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behaviour {
    Succeeds,
    /// It fails as often as this.
    Fails(u32),
    FailsForGood,
    /// It takes this many milliseconds.
    IsSlow(u64),
    /// It kills the process in which it runs, if the case has killers.
    Kills,
}

pub(super) fn case() -> impl Strategy<Value = Case> {
    let steps = vec(step(), 3..40);
    (prop::bool::weighted(0.3), steps).prop_map(|(has_killers, steps)| Case { has_killers, steps })
}

fn step() -> impl Strategy<Value = Step> {
    let time = |most: u64| (1..most).prop_map(Duration::from_millis);
    let end = prop_oneof![3 => Just(End::Commit), 1 => Just(End::RollBack)];
    prop_oneof![
        12 => event().prop_map(Step::Publish),
        3 => (vec(event(), 1..6), end).prop_map(|(events, end)| Step::Transaction(events, end)),
        1 => (event(), time(5_000)).prop_map(|(event, delay)| Step::Schedule(event, delay)),
        4 => Just(Step::Idle),
        5 => time(400).prop_map(Step::Crash),
        3 => time(200).prop_map(Step::Zombie),
        2 => time(1_500).prop_map(Step::Two),
        4 => time(3_000).prop_map(Step::Sleep),
        1 => Just(Step::Grow),
        1 => Just(Step::Register),
        1 => Just(Step::Rename),
        1 => Just(Step::OldProgram),
        1 => Just(Step::Split),
        1 => Just(Step::Join),
        1 => Just(Step::Replay),
        1 => Just(Step::RetryDead),
        2 => Just(Step::Trim),
        1 => Just(Step::Pause),
        1 => Just(Step::Resume),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let behaviour = prop_oneof![
        6 => Just(Behaviour::Succeeds),
        3 => (1..4_u32).prop_map(Behaviour::Fails),
        1 => Just(Behaviour::FailsForGood),
        3 => (1..300_u64).prop_map(Behaviour::IsSlow),
        1 => Just(Behaviour::Kills),
    ];
    let key = prop_oneof![3 => (0..3_u8).prop_map(Some), 1 => Just(None)];
    (key, prop::bool::weighted(0.2), behaviour).prop_map(|(key, is_second_name, behaviour)| Event {
        key,
        is_second_name,
        behaviour,
    })
}
