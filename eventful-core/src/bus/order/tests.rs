//! The order against a reference that takes its time, with handlers, constraints and buses at random.

use std::any::TypeId;
use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::bus::routes::Listeners;
use crate::bus::subscriber::Place;
use crate::event::mode::Sync;
use crate::event::{AnyEvent, Declared, Event, EventIndex, Listen};
use crate::handler::Position;
use crate::outcome::Handled;
use crate::registry::HandlerEntry;

/// Each case builds one set of handlers in two orders. They take a second.
const CASES: u32 = 4000;

/// How many handlers are linked, of which a case has some on its bus.
const LINKED: usize = 7;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: CASES,
        // What fails is told; it becomes a test by its own right rather than a file.
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_order_and_the_faults_are_those_of_the_reference((handlers, shuffled) in cases()) {
        let expected = reference(&handlers);
        let (order, faults) = sorted(&handlers);
        let (missing, rest): (Vec<_>, Vec<_>) =
            faults.iter().partition(|fault| !matches!(fault, Fault::Circle(_)));
        prop_assert_eq!(missing, expected.faults.iter().collect::<Vec<_>>());
        prop_assert_eq!(rest.is_empty(), expected.order.is_some(), "{:?}", rest);
        if let Some(expected) = expected.order {
            prop_assert_eq!(&order, &expected);
        }
        for circle in rest {
            let Fault::Circle(circle) = circle else { unreachable!() };
            let next = circle.iter().cycle().skip(1);
            for pair in circle.iter().copied().zip(next.copied()) {
                // Each waits for the next.
                let is_expected = expected.pairs.contains(&(pair.1, pair.0));
                prop_assert!(is_expected, "{:?} of {:?}", pair, circle);
            }
        }
        prop_assert_eq!(sorted(&shuffled), (order, faults), "in another order of registration");
    }
}

/// A handler as a case describes it; its number is its name.
#[derive(Clone, Debug)]
struct Handler {
    number: usize,
    /// Whether it handles every event; then what it names need not handle this one.
    is_catch_all: bool,
    order: i32,
    place: (bool, u32),
    constraints: Vec<(IsAfter, Aim)>,
}

type IsAfter = bool;

/// What a constraint names: the handler of this number. One that is not linked has the number `LINKED`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aim {
    Function(usize),
    Id(usize),
}

impl Aim {
    fn number(self) -> usize {
        match self {
            Self::Function(number) | Self::Id(number) => number,
        }
    }
}

/// Who is at fault, by number.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    Missing(usize, IsAfter, String),
    AgainstOrder(usize, IsAfter, usize),
    Circle(Vec<usize>),
}

/// Some of the linked handlers, and the same in another order.
fn cases() -> impl Strategy<Value = (Vec<Handler>, Vec<Handler>)> {
    let handlers = prop::sample::subsequence((0..LINKED).collect::<Vec<_>>(), 0..=LINKED);
    let handlers = handlers.prop_flat_map(|numbers| {
        let handler = |number| {
            // Mostly one order, so that there is something for constraints to decide.
            let order = prop_oneof![3 => Just(0), 1 => -1..=1];
            let place = (any::<bool>(), 0_u32..3);
            let aim = prop_oneof![
                (0..=LINKED).prop_map(Aim::Function),
                (0..=LINKED).prop_map(Aim::Id),
            ];
            // Mostly few: with many there is nearly always a circle.
            let constraints = prop_oneof![
                3 => vec((any::<bool>(), aim.clone()), 0..=1),
                1 => vec((any::<bool>(), aim), 2),
            ];
            let parts = (any::<bool>(), order, place, constraints);
            parts.prop_map(move |(is_catch_all, order, place, constraints)| Handler {
                number,
                is_catch_all,
                order,
                place,
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
    /// Which must run before which.
    pairs: Vec<(usize, usize)>,
    /// None if there is a circle.
    order: Option<Vec<usize>>,
}

fn reference(handlers: &[Handler]) -> Expected {
    let mut waiting: Vec<&Handler> = handlers.iter().collect();
    waiting.sort_by_key(|handler| (handler.order, handler.sort_key()));
    let (mut faults, mut pairs) = (Vec::new(), Vec::new());
    for handler in &waiting {
        for &(is_after, aim) in &handler.constraints {
            let Some(other) = waiting.iter().find(|other| other.number == aim.number()) else {
                if aim.number() == LINKED && !handler.is_catch_all {
                    faults.push(Fault::Missing(
                        handler.number,
                        is_after,
                        target(aim).to_string(),
                    ));
                }
                continue;
            };
            let (first, second) = if is_after {
                (other, handler)
            } else {
                (handler, other)
            };
            if first.order > second.order {
                faults.push(Fault::AgainstOrder(handler.number, is_after, other.number));
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

// The real thing.

/// The numbers of the handlers in the order in which they run, and the faults.
fn sorted(handlers: &[Handler]) -> (Vec<usize>, Vec<Fault>) {
    let event = EventInfo::of::<Happened>();
    let subscribers: Vec<_> = handlers.iter().map(Handler::subscriber).collect();
    let mut routes = Listeners::new(&subscribers).of(event);
    let mut faults = Vec::new();
    sort(event, &mut routes, &REGISTRY, &mut faults);
    let order = routes.iter().map(|route| number(&route.info));
    (order.collect(), faults.iter().map(Fault::of).collect())
}

impl Handler {
    fn subscriber(&self) -> Subscriber {
        static PAIRS: LazyLock<Vec<[Constraint; 2]>> = LazyLock::new(|| {
            let one = || {
                POSSIBLE
                    .iter()
                    .map(|(is_after, aim)| constraint(*is_after, *aim))
            };
            one()
                .flat_map(|first| one().map(move |second| [first, second]))
                .collect()
        });
        static POSSIBLE: LazyLock<Vec<(IsAfter, Aim)>> = LazyLock::new(|| {
            let aims = (0..=LINKED).flat_map(|number| [Aim::Function(number), Aim::Id(number)]);
            aims.flat_map(|aim| [(true, aim), (false, aim)]).collect()
        });

        let index = |wanted: Option<&(IsAfter, Aim)>| {
            let wanted = wanted.unwrap_or(&POSSIBLE[0]);
            POSSIBLE
                .iter()
                .position(|possible| possible == wanted)
                .expect("it is possible")
        };
        let (first, second) = (self.constraints.first(), self.constraints.get(1));
        let pair = &PAIRS[index(first) * POSSIBLE.len() + index(second)];
        let mut subscriber = {
            let registry = if self.is_catch_all {
                &CATCH_ALLS
            } else {
                &REGISTRY
            };
            Subscriber::linked(&registry.handlers()[self.number])
        };
        subscriber.info.order = self.order;
        subscriber.place = self.sort_key();
        subscriber.constraints = &pair[..self.constraints.len()];
        subscriber
    }

    fn sort_key(&self) -> Place {
        let (is_closure, place) = self.place;
        if is_closure {
            // No two closures have one place.
            return Place::Subscribed(place as usize * LINKED + self.number);
        }
        let position = Position::new("somewhere", file!(), place, 1);
        Place::Linked(position, IDS[self.number])
    }
}

impl Fault {
    fn of(fault: &FaultKind) -> Self {
        match fault {
            FaultKind::TargetMissing {
                handler,
                side,
                target,
                ..
            } => Self::Missing(number(handler), *side == Side::After, target.to_string()),
            FaultKind::AgainstOrder {
                handler,
                side,
                other,
            } => Self::AgainstOrder(number(handler), *side == Side::After, number(other)),
            FaultKind::Cycle { handlers, .. } => {
                Self::Circle(handlers.iter().map(number).collect())
            }
            _ => unreachable!("the order has no other faults"),
        }
    }
}

fn number(handler: &HandlerInfo) -> usize {
    let index = IDS.iter().position(|id| *id == handler.id);
    index.expect("each has its id")
}

fn constraint(is_after: IsAfter, aim: Aim) -> Constraint {
    let side = if is_after { Side::After } else { Side::Before };
    let target = target(aim);
    Constraint { side, target }
}

fn target(aim: Aim) -> Target {
    match aim {
        Aim::Function(number) => Target::Function {
            type_id: FUNCTIONS[number],
            written: IDS[number],
        },
        Aim::Id(number) => Target::Id(IDS[number]),
    }
}

// What is linked.

struct Happened;

impl Event for Happened {
    type Mode = Sync;
    const NAME: &'static str = "Happened";
    const __KEY: &'static str = "0:0";
    const __EVENT: Declared = Declared::at(module_path!(), file!(), line!(), column!());

    fn __index() -> Option<&'static EventIndex<Self>> {
        None
    }
}

static IDS: [&str; LINKED + 1] = ["0", "1", "2", "3", "4", "5", "6", "nobody"];

fn handle<const NUMBER: usize>(_: &Happened) {}

const fn entry<L: Listen + ?Sized, F: 'static>(number: usize, function: &F) -> HandlerEntry {
    let text = concat!(module_path!(), "\n", file!());
    let (module_path, line, column) = (module_path!(), line!(), column!());
    HandlerEntry::new::<L, (), F, _, ()>(text, module_path, line, column, function, |_, (), _| {
        Handled::new(Ok(()))
    })
    .own_id(&IDS[number])
}

macro_rules! link {
    ($($number:literal)*) => {
        static ENTRIES: [HandlerEntry; LINKED] =
            [$(entry::<Happened, _>($number, &handle::<$number>)),*];

        static CATCH_ALL_ENTRIES: [HandlerEntry; LINKED] =
            [$(entry::<dyn AnyEvent, _>($number, &handle::<$number>)),*];

        static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::of(ENTRIES.iter()));

        static CATCH_ALLS: LazyLock<Registry> =
            LazyLock::new(|| Registry::of(CATCH_ALL_ENTRIES.iter()));

        static FUNCTIONS: LazyLock<[fn() -> TypeId; LINKED + 1]> = LazyLock::new(|| {
            [$(type_id_of(&handle::<$number>),)* type_id_of(&handle::<LINKED>)]
        });
    };
}

link!(0 1 2 3 4 5 6);

fn type_id_of<F: 'static>(_: &F) -> fn() -> TypeId {
    TypeId::of::<F>
}
