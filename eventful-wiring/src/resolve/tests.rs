//! The order against a slow reference, with handlers and constraints at random.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// Each case builds one set of handlers in two orders. They take a second.
const CASES: u32 = 4000;

/// The number of linked handlers, of which a case has some on its bus.
const LINKED: usize = 7;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: CASES,
        // A case that fails becomes a test of its own, not a file.
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_order_and_the_faults_are_those_of_the_reference((handlers, shuffled) in cases()) {
        let expected = reference(&handlers);
        let (order, faults) = sorted(&handlers);
        let (others, rest): (Vec<_>, Vec<_>) =
            faults.iter().partition(|fault| !matches!(fault, Fault::Cycle(_)));
        prop_assert_eq!(others, expected.faults.iter().collect::<Vec<_>>());
        prop_assert_eq!(rest.is_empty(), expected.order.is_some(), "{:?}", rest);
        if let Some(expected) = expected.order {
            prop_assert_eq!(&order, &expected);
        }
        for cycle in rest {
            let Fault::Cycle(cycle) = cycle else { unreachable!() };
            let next = cycle.iter().cycle().skip(1);
            for pair in cycle.iter().copied().zip(next.copied()) {
                // Each waits for the next.
                let is_expected = expected.pairs.contains(&(pair.1, pair.0));
                prop_assert!(is_expected, "{:?} of {:?}", pair, cycle);
            }
        }
        prop_assert_eq!(sorted(&shuffled), (order, faults), "in another order of registration");
    }
}

/// A handler as a case describes it; its number is its name.
#[derive(Clone, Debug)]
struct Handler {
    number: usize,
    /// It handles every event; then the handlers it names need not handle this one.
    is_catch_all: bool,
    order: i32,
    rank: (bool, u32),
    constraints: Vec<(IsAfter, Meant)>,
}

type IsAfter = bool;

/// The handler that a constraint names, by its number. `LINKED` is the number of one that is not linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meant {
    Function(usize),
    Id(usize),
}

impl Meant {
    fn number(self) -> usize {
        match self {
            Self::Function(number) | Self::Id(number) => number,
        }
    }
}

/// A fault: its text, or the numbers of the handlers in a cycle.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    Other(String),
    Cycle(Vec<usize>),
}

/// Some of the linked handlers, and the same handlers in another order.
fn cases() -> impl Strategy<Value = (Vec<Handler>, Vec<Handler>)> {
    let handlers = prop::sample::subsequence((0..LINKED).collect::<Vec<_>>(), 0..=LINKED);
    let handlers = handlers.prop_flat_map(|numbers| {
        let handler = |number| {
            // Mostly one order, so that there is something for constraints to decide.
            let order = prop_oneof![3 => Just(0), 1 => -1..=1];
            let rank = (any::<bool>(), 0_u32..3);
            let meant = prop_oneof![
                (0..=LINKED).prop_map(Meant::Function),
                (0..=LINKED).prop_map(Meant::Id),
            ];
            // Mostly few: with many there is nearly always a cycle.
            let constraints = prop_oneof![
                3 => vec((any::<bool>(), meant.clone()), 0..=1),
                1 => vec((any::<bool>(), meant), 2),
            ];
            let parts = (any::<bool>(), order, rank, constraints);
            parts.prop_map(move |(is_catch_all, order, rank, constraints)| Handler {
                number,
                is_catch_all,
                order,
                rank,
                constraints,
            })
        };
        numbers.into_iter().map(handler).collect::<Vec<_>>()
    });
    handlers.prop_flat_map(|handlers| {
        let shuffled = Just(handlers.clone()).prop_shuffle();
        (Just(handlers).prop_shuffle(), shuffled)
    })
}

// The reference.

struct Expected {
    faults: Vec<Fault>,
    /// The pairs of which the first must run before the second.
    pairs: Vec<(usize, usize)>,
    /// `None` if there is a cycle.
    order: Option<Vec<usize>>,
}

fn reference(handlers: &[Handler]) -> Expected {
    let mut waiting: Vec<&Handler> = handlers.iter().collect();
    waiting.sort_by_key(|handler| handler.declared().sort_key());
    let (mut faults, mut pairs) = (Vec::new(), Vec::new());
    for handler in &waiting {
        for (index, &(is_after, meant)) in handler.constraints.iter().enumerate() {
            let Some(other) = waiting.iter().find(|other| other.number == meant.number()) else {
                if meant.number() == LINKED && !handler.is_catch_all {
                    let handler = handler.declared();
                    let fault = super::Fault::target_missing((0, &handler), index, &[], None);
                    faults.push(Fault::of(&fault));
                }
                continue;
            };
            let (first, second) = if is_after {
                (other, handler)
            } else {
                (handler, other)
            };
            if first.order > second.order {
                let side = constraint(is_after, meant).side;
                let (handler, other) = (handler.declared(), other.declared());
                let fault = super::Fault::against_order((0, &handler), side, &other);
                faults.push(Fault::of(&fault));
            } else {
                pairs.push((first.number, second.number));
            }
        }
    }
    let mut order = Vec::new();
    while !waiting.is_empty() {
        let is_free = |handler: &&Handler| {
            let mut before = pairs.iter().filter(|(_, second)| *second == handler.number);
            before.all(|(first, _)| order.contains(first))
        };
        let Some(next) = waiting.iter().position(is_free) else {
            return Expected {
                faults,
                pairs,
                order: None,
            };
        };
        order.push(waiting.remove(next).number);
    }
    Expected {
        faults,
        pairs,
        order: Some(order),
    }
}

// The resolver.

/// The numbers of the handlers in the order in which they run, and the faults.
fn sorted(handlers: &[Handler]) -> (Vec<usize>, Vec<Fault>) {
    let declared = Declared {
        events: vec![DeclaredEvent {
            key: HAPPENED,
            name: "Happened",
            position: Position::new("somewhere", file!(), 1, 1),
            has_own_name: false,
            is_generic: false,
            is_reported: true,
            contract: None,
            families: vec![ANY_EVENT],
        }],
        handlers: handlers.iter().map(Handler::declared).collect(),
        linked: Some(linked),
        is_full: false,
    };
    let plan = declared.resolve_event(0);
    let order = plan.events[0].iter().map(|it| handlers[it.handler].number);
    let faults = plan.faults.iter().map(Fault::of);
    (order.collect(), faults.collect())
}

impl Fault {
    fn of(fault: &super::Fault) -> Self {
        let text = fault.to_string();
        match fault.kind() {
            FaultKind::Cycle => {
                let (_, handlers) = text.split_once(": ").expect("the handlers come last");
                let (handlers, _) = handlers.rsplit_once(';').expect("and then what to do");
                Self::Cycle(handlers.split(", ").map(number).collect())
            }
            _ => Self::Other(text),
        }
    }
}

/// The number of a handler from `5 (src/lib.rs:1:1)`.
fn number(named: &str) -> usize {
    named[..1].parse().expect("the id is a digit")
}

impl Handler {
    fn declared(&self) -> DeclaredHandler<'static, usize> {
        let (is_closure, rank) = self.rank;
        let position = Position::new("somewhere", file!(), rank, 1);
        let constraints = self.constraints.iter();
        DeclaredHandler {
            order: self.order,
            rank: Some(Box::new(if is_closure {
                // No two closures have one rank.
                Rank::Subscribed(rank as usize * LINKED + self.number)
            } else {
                Rank::Linked(position, IDS[self.number])
            })),
            constraints: constraints
                .map(|&(is_after, meant)| constraint(is_after, meant))
                .collect(),
            ..handler(self.number, self.is_catch_all)
        }
    }
}

/// A linked handler of the event, or of every event.
fn handler(number: usize, is_catch_all: bool) -> DeclaredHandler<'static, usize> {
    let position = Position::new("somewhere", file!(), 1, 1);
    let (key, name) = if is_catch_all {
        (ANY_EVENT, "eventful::AnyEvent")
    } else {
        (HAPPENED, "Happened")
    };
    DeclaredHandler {
        id: IDS[number],
        has_own_id: true,
        order: 0,
        position,
        rank: None,
        subject: Subject {
            key,
            name,
            is_family: is_catch_all,
        },
        function: Some(number),
        constraints: Vec::new(),
        is_separate: false,
    }
}

fn linked() -> Vec<DeclaredHandler<'static, usize>> {
    (0..LINKED).map(|number| handler(number, false)).collect()
}

fn constraint(is_after: IsAfter, meant: Meant) -> Constraint<'static, usize> {
    Constraint {
        side: if is_after { Side::After } else { Side::Before },
        target: match meant {
            Meant::Function(number) => Target::Function {
                written: IDS[number],
                exact: vec![number],
                likely: Vec::new(),
            },
            Meant::Id(number) => Target::Id(IDS[number]),
        },
    }
}

/// The keys of the event and of its family.
const HAPPENED: usize = 0;
const ANY_EVENT: usize = 1;

const IDS: [&str; LINKED + 1] = ["0", "1", "2", "3", "4", "5", "6", "nobody"];
