//! Random programs of handlers that return events, publish, fail, panic and are guarded, against a model of a queue.

use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::sync::Arc;

use eventful::{AnyEvent, BusBuilder, Delivered, Delivery, PublishError, event, family, handler};
use proptest::array::uniform3;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::executor::{block_on, yield_now};
use crate::trace::{Trace, short};

/// Each runs one program on a bus and on the model. They take about a second.
const CASES: u32 = 600;

proptest! {
    #![proptest_config(ProptestConfig {
        cases: CASES,
        // What fails is told; it becomes a test in its own right rather than a file.
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn r61_what_random_programs_do_is_what_a_queue_would(program in programs()) {
        let program = Arc::new(program);
        let mut model = Model { program: &program, log: Vec::new() };
        let report = model.publish(0, 0, &[]);
        model.log.push(report);

        let trace = Trace::default();
        let bus = bus(&trace)
            .cascade_limit(program.cascade_limit)
            .nesting_limit(program.nesting_limit)
            .build()
            .unwrap();
        let result = bus.scope(|| block_on(Step::new(&program, 0).publish_of_any_kind()));
        trace.report(&result);
        let log = trace.take();
        prop_assert_eq!(log.lines().collect::<Vec<_>>(), model.log);
    }
}

// Programs.

/// The actions of the handlers of a few events. The index of its node identifies an event; the first one is published.
#[derive(Clone, Debug)]
struct Program {
    nodes: Vec<Node>,
    cascade_limit: u32,
    nesting_limit: u32,
}

#[derive(Clone, Debug)]
struct Node {
    kind: Kind,
    /// The actions of the event's own handler, of its family's, and of that of all events, which run in this order.
    actions: [Action; 3],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kind {
    is_async: bool,
    is_fail_fast: bool,
}

#[derive(Clone, Debug)]
struct Action {
    guard: Guard,
    /// The events that the handler publishes, and waits for.
    publishes: Option<usize>,
    end: End,
}

#[derive(Clone, Debug)]
enum Guard {
    Passes,
    Skips,
    Panics,
}

#[derive(Clone, Debug)]
enum End {
    Returns(Vec<usize>),
    Fails,
    Panics,
}

fn programs() -> impl Strategy<Value = Program> {
    (3_usize..11).prop_flat_map(|count| {
        let nodes: Vec<_> = (0..count).map(|node| nodes(node, count)).collect();
        let program = (nodes, 0_u32..13, 1_u32..4);
        program.prop_map(|(nodes, cascade_limit, nesting_limit)| Program {
            nodes,
            cascade_limit,
            nesting_limit,
        })
    })
}

/// The actions for the event with the index `node` of `count`.
fn nodes(node: usize, count: usize) -> impl Strategy<Value = Node> {
    // Mostly events that come later, so that it ends; with more than a few others it hardly ever does.
    let target = prop_oneof![
        15 => (node + 1..node + 4).prop_map(move |target| (target < count).then_some(target)),
        1 => (0..count).prop_map(Some),
    ];
    let guard = prop_oneof![
        9 => Just(Guard::Passes),
        2 => Just(Guard::Skips),
        1 => Just(Guard::Panics),
    ];
    let publishes = prop_oneof![2 => Just(None), 1 => target.clone()];
    let end = prop_oneof![
        9 => vec(target, 0..3).prop_map(|targets| End::Returns(targets.into_iter().flatten().collect())),
        1 => Just(End::Fails),
        1 => Just(End::Panics),
    ];
    let action = (guard, publishes, end).prop_map(|(guard, publishes, end)| Action {
        guard,
        publishes,
        end,
    });
    let kind = (any::<bool>(), prop::bool::weighted(0.3));
    let kind = kind.prop_map(|(is_async, is_fail_fast)| Kind {
        is_async,
        is_fail_fast,
    });
    (kind, uniform3(action)).prop_map(|(kind, actions)| Node { kind, actions })
}

impl Program {
    fn kind(&self, node: usize) -> Kind {
        self.nodes[node].kind
    }

    fn action(&self, node: usize, handler: usize) -> &Action {
        &self.nodes[node].actions[handler]
    }

    /// `true` if the handler is asynchronous, and so may publish and return asynchronous events.
    fn is_async(&self, node: usize, handler: usize) -> bool {
        handler == 0 && self.kind(node).is_async
    }

    /// The events that the handler publishes, if it can.
    fn published(&self, node: usize, handler: usize) -> Option<usize> {
        let published = self.action(node, handler).publishes?;
        let is_possible = self.is_async(node, handler) || !self.kind(published).is_async;
        is_possible.then_some(published)
    }

    /// Those of the nodes that the handler can return.
    fn returned(&self, node: usize, handler: usize, nodes: &[usize]) -> Vec<usize> {
        let is_async = self.is_async(node, handler);
        let nodes = nodes.iter().copied();
        nodes
            .filter(|node| is_async || !self.kind(*node).is_async)
            .collect()
    }
}

// The model.

const HANDLERS: [&str; 3] = ["own", "of_the_family", "of_all"];

struct Model<'a> {
    program: &'a Program,
    log: Vec<String>,
}

/// The outcome of one delivery or publish.
#[derive(Default)]
struct Told {
    handled: usize,
    skipped: usize,
    failures: Vec<String>,
}

/// An event that a handler returned, and the handlers that led to it, the nearest first.
type Waiting = (usize, Vec<&'static str>);

impl Model<'_> {
    /// Publishes a node and what its handlers return, and tells what the publisher is told.
    fn publish(&mut self, node: usize, nesting: u32, causes: &[&'static str]) -> String {
        if nesting >= self.program.nesting_limit {
            let limit = self.program.nesting_limit;
            return format!(
                "report: 0 handled; refused: handlers that publish are nested {limit} deep, which is the limit of this bus"
            );
        }
        let (mut told, returned) = self.deliver(node, nesting, causes);
        let mut queue = VecDeque::from(returned);
        let mut cascaded = 0;
        while let Some((node, causes)) = queue.pop_front() {
            let limit = self.program.cascade_limit;
            if cascaded == limit {
                told.failures.push(format!(
                    "refused: handlers have returned more than {limit} events, which is the limit of a publish on this bus"
                ));
                break;
            }
            cascaded += 1;
            let (of_this, returned) = self.deliver(node, nesting, &causes);
            told.failures.extend(of_this.failures);
            queue.extend(returned);
        }
        let handled = format!("report: {} handled", told.handled);
        let skipped = (told.skipped > 0).then(|| format!(", {} skipped", told.skipped));
        let cascaded = (cascaded > 0).then(|| format!(", {cascaded} cascaded"));
        let delivered = [Some(handled), skipped, cascaded]
            .map(Option::unwrap_or_default)
            .concat();
        [&[delivered], &told.failures[..]].concat().join("; ")
    }

    fn deliver(
        &mut self,
        node: usize,
        nesting: u32,
        causes: &[&'static str],
    ) -> (Told, Vec<Waiting>) {
        let (mut told, mut returned) = (Told::default(), Vec::new());
        for (handler, name) in HANDLERS.into_iter().enumerate() {
            let Action { guard, end, .. } = self.program.action(node, handler);
            if let Guard::Skips = guard {
                told.skipped += 1;
                continue;
            }
            let failure = if let Guard::Panics = guard {
                told.skipped += 1;
                Some("panicked: in the guard")
            } else {
                told.handled += 1;
                self.log.push(line(node, name, causes));
                let causes = &[&[name], causes].concat();
                if let Some(published) = self.program.published(node, handler) {
                    let report = self.publish(published, nesting + 1, causes);
                    self.log.push(report);
                }
                match end {
                    End::Returns(nodes) => {
                        let nodes = self.program.returned(node, handler, nodes);
                        returned.extend(nodes.into_iter().map(|node| (node, causes.clone())));
                        None
                    }
                    End::Fails => Some("failed: at the end"),
                    End::Panics => Some("panicked: at the end"),
                }
            };
            if let Some(failure) = failure {
                told.failures.push(format!("{name} {failure}"));
                if self.program.kind(node).is_fail_fast {
                    return (told, Vec::new());
                }
            }
        }
        (told, returned)
    }
}

fn line(node: usize, handler: &str, causes: &[&str]) -> String {
    format!("{handler} of {node} because of {}", causes.join(" "))
}

// The same with a bus.

#[event(as(dyn Stepped))]
struct Now(Step);

#[event(as(dyn Stepped), fail_fast)]
struct NowOrNever(Step);

#[event(async, as(dyn Stepped))]
struct Later(Step);

#[event(async, as(dyn Stepped), fail_fast)]
struct LaterOrNever(Step);

#[derive(Clone)]
struct Step {
    program: Arc<Program>,
    node: usize,
}

/// The events that synchronous handlers may return, of which one is there.
type Sooner = (Option<Now>, Option<NowOrNever>);

/// A returned event of an asynchronous handler.
type Any = (Sooner, Option<Later>, Option<LaterOrNever>);

#[family]
trait Stepped {
    fn step(&self) -> &Step;
}

macro_rules! stepped {
    ($($event:ident)*) => {
        $(impl Stepped for $event {
            fn step(&self) -> &Step {
                &self.0
            }
        })*
    };
}

stepped!(Now NowOrNever Later LaterOrNever);

fn bus(trace: &Trace) -> BusBuilder {
    eventful::Bus::isolated()
        .provide(trace.clone())
        .with(own::<Now>)
        .with(own::<NowOrNever>)
        .with(own_later::<Later>)
        .with(own_later::<LaterOrNever>)
        .with(of_the_family)
        .with(of_all)
}

#[handler(Now, NowOrNever, order = 0, id = "own", when = |event| event.step().passes(0))]
fn own<E: Stepped>(event: &E, trace: &Trace, delivery: &Delivery) -> Result<Vec<Sooner>, String> {
    event.step().act(0, trace, delivery)
}

#[handler(Later, LaterOrNever, order = 0, id = "own", when = |event| event.step().passes(0))]
async fn own_later<E: Stepped + Sync>(
    event: &E,
    trace: &Trace,
    delivery: &Delivery,
) -> Result<Vec<Any>, String> {
    let step = event.step();
    yield_now().await;
    step.begin(0, trace, delivery);
    if let Some(published) = step.program.published(step.node, 0) {
        let published = Step::new(&step.program, published);
        trace.report(&published.publish_of_any_kind().await);
    }
    yield_now().await;
    step.end(0, Step::into_any)
}

#[handler(dyn Stepped, order = 1, when = |event| event.step().passes(1))]
fn of_the_family(
    event: &dyn Stepped,
    trace: &Trace,
    delivery: &Delivery,
) -> Result<Vec<Sooner>, String> {
    event.step().act(1, trace, delivery)
}

#[handler(dyn AnyEvent, order = 2, when = |event| step_of(event).passes(2))]
fn of_all(event: &dyn AnyEvent, trace: &Trace, delivery: &Delivery) -> Result<Vec<Sooner>, String> {
    step_of(event).act(2, trace, delivery)
}

fn step_of(event: &dyn AnyEvent) -> &Step {
    let now = event.downcast_ref().map(|Now(step)| step);
    let now = now.or_else(|| event.downcast_ref().map(|NowOrNever(step)| step));
    let later = || event.downcast_ref().map(|Later(step)| step);
    let later = || later().or_else(|| event.downcast_ref().map(|LaterOrNever(step)| step));
    now.or_else(later).expect("there are no other events")
}

impl Step {
    fn new(program: &Arc<Program>, node: usize) -> Self {
        let program = Arc::clone(program);
        Self { program, node }
    }

    fn passes(&self, handler: usize) -> bool {
        match self.program.action(self.node, handler).guard {
            Guard::Passes => true,
            Guard::Skips => false,
            // As a panic, but quiet: there are thousands.
            Guard::Panics => resume_unwind(Box::new("in the guard")),
        }
    }

    /// Runs the action of a synchronous handler.
    fn act(
        &self,
        handler: usize,
        trace: &Trace,
        delivery: &Delivery,
    ) -> Result<Vec<Sooner>, String> {
        self.begin(handler, trace, delivery);
        if let Some(published) = self.program.published(self.node, handler) {
            let published = Self::new(&self.program, published);
            trace.report(&block_on(published.publish_of_any_kind()));
        }
        self.end(handler, Self::into_sooner)
    }

    fn begin(&self, handler: usize, trace: &Trace, delivery: &Delivery) {
        let causes = delivery.causes();
        let causes: Vec<_> = causes.iter().map(|cause| short(cause.handler())).collect();
        trace.add(line(self.node, HANDLERS[handler], &causes));
    }

    fn end<E>(&self, handler: usize, make: impl Fn(Self) -> E) -> Result<Vec<E>, String> {
        match &self.program.action(self.node, handler).end {
            End::Returns(nodes) => {
                let nodes = self.program.returned(self.node, handler, nodes).into_iter();
                Ok(nodes
                    .map(|node| make(Self::new(&self.program, node)))
                    .collect())
            }
            End::Fails => Err(String::from("at the end")),
            End::Panics => resume_unwind(Box::new("at the end")),
        }
    }

    fn into_sooner(self) -> Sooner {
        if self.program.kind(self.node).is_fail_fast {
            (None, Some(NowOrNever(self)))
        } else {
            (Some(Now(self)), None)
        }
    }

    fn into_any(self) -> Any {
        let Kind {
            is_async,
            is_fail_fast,
        } = self.program.kind(self.node);
        match (is_async, is_fail_fast) {
            (false, _) => (self.into_sooner(), None, None),
            (true, false) => ((None, None), Some(Later(self)), None),
            (true, true) => ((None, None), None, Some(LaterOrNever(self))),
        }
    }

    /// Is ready at once if the event is synchronous.
    async fn publish_of_any_kind(self) -> Result<Delivered, PublishError> {
        match self.into_any() {
            ((Some(event), _), ..) => event.publish(),
            ((_, Some(event)), ..) => event.publish(),
            (_, Some(event), _) => event.publish().await,
            (_, _, Some(event)) => event.publish().await,
            _ => unreachable!("one of them is there"),
        }
    }
}
