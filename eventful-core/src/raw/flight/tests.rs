//! Flights of futures that do as they are told, and log it.

use std::any::TypeId;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Waker;

use super::super::access::Direct;
use super::super::call::{Bound, Call, Erased, Indexed, Named};
use super::super::flight_table::{Formation, Leg};
use super::super::future_call::{FutureCall, LaterFunction, Payload};
use super::super::top::Slot;
use super::super::typed_index::TypedIndex;
use super::*;

struct Log {
    running: Slot<Named<&'static str>>,
    lines: Mutex<Vec<String>>,
}

impl Log {
    fn add(&self, line: &str) {
        let running = self.running.get().map_or("nobody", |named| named.info());
        let line = format!("{running} {line}");
        self.lines().push(line);
    }

    fn lines(&self) -> MutexGuard<'_, Vec<String>> {
        self.lines.lock().expect("nobody panics with it")
    }

    fn take(&self) -> String {
        mem::take(&mut *self.lines()).join(", ")
    }
}

impl Context for Log {
    type Info = &'static str;

    fn slot(&self) -> &Slot<Named<&'static str>> {
        &self.running
    }
}

fn log<Owner>(_: Link<Owner>) -> Log {
    Log {
        running: Slot::empty(),
        lines: Mutex::default(),
    }
}

/// What a future does.
#[derive(Clone, Copy, Default)]
struct Script {
    waits: u8,
    panics_when: Option<&'static str>,
}

impl Script {
    fn comes_to(&self, what: &'static str) {
        assert!(self.panics_when != Some(what), "{what}");
    }
}

/// Futures with a padding that says how they are aligned.
#[derive(Clone, Copy)]
struct Follow<P>(PhantomData<fn() -> P>);

struct Following<'a, P> {
    padding: P,
    subject: &'a u8,
    script: &'a Script,
    log: &'a Log,
    polls: u8,
}

impl<P> Future for Following<'_, P> {
    type Output = u8;

    fn poll(mut self: Pin<&mut Self>, _: &mut task::Context<'_>) -> Poll<u8> {
        assert!((&raw const self.padding).is_aligned());
        self.script.comes_to("polled");
        self.polls += 1;
        if self.polls <= self.script.waits {
            self.log.add("waits");
            return Poll::Pending;
        }
        Poll::Ready(*self.subject)
    }
}

impl<P> Unpin for Following<'_, P> {}

impl<P> Drop for Following<'_, P> {
    fn drop(&mut self) {
        self.log.add("is dropped");
        self.script.comes_to("dropped");
    }
}

impl<'a, P: Default + Copy + Send + 'static> LaterFunction<'a, u8, Script, Log> for Follow<P> {
    type Future = Following<'a, P>;
    type Settled = u8;

    fn call(self, subject: &'a u8, script: &'a Script, log: &'a Log) -> Following<'a, P> {
        script.comes_to("called");
        Following {
            padding: P::default(),
            subject,
            script,
            log,
            polls: 0,
        }
    }

    fn settle(output: u8, log: &Log) -> u8 {
        log.add("is ready");
        output
    }

    fn conclude(settled: Result<u8, Payload>, dropped: Result<(), Payload>, log: &Log) {
        let text = |payload: &Payload| payload.downcast_ref::<String>().cloned();
        let settled = settled.map_err(|payload| text(&payload));
        let dropped = dropped.map_err(|payload| text(&payload));
        log.add(&format!("{settled:?} {dropped:?}"));
    }

    fn panicked_when_cut_off(_: Payload, log: &Log) {
        log.add("panicked");
    }
}

#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Wide {
    _bytes: [u8; 32],
}

type TestBound = (&'static str, Bound<Log>);

fn later<P: Default + Copy + Send + 'static>(name: &'static str, script: Script) -> TestBound {
    let call = FutureCall::new::<u8, Direct, Script, _>(Follow::<P>(PhantomData));
    (
        name,
        Bound::new::<u8, Direct, Script>(Leg::Later(call), (), script),
    )
}

fn now(name: &'static str) -> TestBound {
    let call = Call::new::<u8, Direct, (), _>(|_, (), log: &Log| log.add("runs"));
    (name, Bound::new::<u8, Direct, ()>(Leg::Now(call), (), ()))
}

fn waits(waits: u8) -> Script {
    Script {
        waits,
        panics_when: None,
    }
}

fn panics(when: &'static str) -> Script {
    Script {
        waits: 1,
        panics_when: Some(when),
    }
}

static OF_U8: TypedIndex<u8, ()> = TypedIndex::new(());
static ALSO_OF_U8: TypedIndex<u8, ()> = TypedIndex::new(());

fn table(formation: Formation, legs: Vec<TestBound>) -> FlightTable<Log> {
    let head = Flight::<String, Log>::HEAD;
    FlightTable::new(head, TypeId::of::<u8>, Some(OF_U8.erase()), formation, legs)
}

fn flight<'a>(table: &'a FlightTable<Log>, subject: &'a u8) -> Flight<'a, String, Log> {
    let aimed = table.aim(Indexed::new(&OF_U8, subject));
    Flight::new(String::new, aimed.expect("it has the index"), log)
}

/// One poll, and what was logged.
fn poll(flight: &mut Flight<'_, String, Log>) -> (bool, String) {
    let (log, mut aboard) = flight.board();
    let is_ready = aboard
        .go_on(|_| false, &mut task::Context::from_waker(Waker::noop()))
        .is_ready();
    drop(aboard);
    assert!(log.running.get().is_none(), "the slot is cleared");
    (is_ready, log.take())
}

#[test]
fn in_turn_each_leg_is_finished_before_the_next_begins() {
    let legs = vec![
        later::<u8>("a", waits(0)),
        later::<Wide>("b", waits(2)),
        now("c"),
        later::<()>("d", waits(1)),
    ];
    let table = table(Formation::InTurn, legs);
    let mut flight = flight(&table, &7);
    assert_eq!(
        poll(&mut flight),
        (
            false,
            "a is ready, a is dropped, a Ok(7) Ok(()), b waits".into()
        )
    );
    let under_way = |flight: &Flight<'_, _, _>| [0, 1, 2, 3].map(|leg| flight.is_under_way(leg));
    assert_eq!(under_way(&flight), [false, true, false, false]);
    assert_eq!(poll(&mut flight), (false, "b waits".into()));
    assert_eq!(
        poll(&mut flight),
        (
            false,
            "b is ready, b is dropped, b Ok(7) Ok(()), c runs, d waits".into()
        )
    );
    assert_eq!(flight.begun(), 4);
    assert_eq!(
        poll(&mut flight),
        (true, "d is ready, d is dropped, d Ok(7) Ok(())".into())
    );
    assert_eq!(under_way(&flight), [false; 4]);
}

#[test]
fn together_each_leg_has_a_place_of_its_own() {
    let legs = vec![
        later::<Wide>("a", waits(2)),
        now("b"),
        later::<u8>("c", waits(0)),
        later::<Wide>("d", waits(1)),
    ];
    let table = table(Formation::Together, legs);
    let mut flight = flight(&table, &7);
    assert_eq!(
        poll(&mut flight),
        (
            false,
            "a waits, b runs, c is ready, c is dropped, c Ok(7) Ok(()), d waits".into()
        )
    );
    assert_eq!(
        [0, 1, 2, 3].map(|leg| flight.is_under_way(leg)),
        [true, false, false, true]
    );
    assert_eq!(
        poll(&mut flight),
        (
            false,
            "a waits, d is ready, d is dropped, d Ok(7) Ok(())".into()
        )
    );
    assert_eq!(
        poll(&mut flight),
        (true, "a is ready, a is dropped, a Ok(7) Ok(())".into())
    );
}

#[test]
fn one_leg_at_a_time_it_goes_the_same_way() {
    let legs = || {
        vec![
            later::<Wide>("a", waits(1)),
            now("b"),
            later::<u8>("c", waits(1)),
        ]
    };
    for formation in [Formation::InTurn, Formation::Together] {
        let table = table(formation, legs());
        let mut flight = flight(&table, &7);
        let (log, mut aboard) = flight.board();
        let mut waking = task::Context::from_waker(Waker::noop());
        while aboard.can_begin() || aboard.is_waiting() {
            for index in 0..aboard.begun() {
                if aboard.is_under_way(index) {
                    aboard.go_on_with(index, &mut waking);
                }
            }
            aboard.begin_next(&mut waking);
        }
        let order = log
            .take()
            .replace(" is ready", "")
            .replace(" is dropped", "");
        assert_eq!(
            order,
            "a waits, a, a, a Ok(7) Ok(()), b runs, c waits, c, c, c Ok(7) Ok(())"
        );
    }
}

#[test]
fn a_panic_ends_its_leg_alone() {
    for formation in [Formation::InTurn, Formation::Together] {
        let legs = vec![
            later::<u8>("a", panics("called")),
            later::<u8>("b", panics("polled")),
            later::<Wide>("c", panics("dropped")),
            later::<u8>("d", waits(0)),
        ];
        let table = table(formation, legs);
        let mut flight = flight(&table, &7);
        let (_, first) = poll(&mut flight);
        let (is_ready, second) = poll(&mut flight);
        assert!(is_ready);
        let lines = format!("{first}, {second}");
        for line in [
            "a Err(Some(\"called\")) Ok(())",
            "b is dropped, b Err(Some(\"polled\")) Ok(())",
            "c is dropped, c Ok(7) Err(Some(\"dropped\"))",
            "d is dropped, d Ok(7) Ok(())",
        ] {
            assert!(lines.contains(line), "{lines}");
        }
    }
}

#[test]
fn what_is_under_way_is_dropped_with_the_flight_or_before() {
    for formation in [Formation::InTurn, Formation::Together] {
        let legs = vec![
            later::<Wide>("a", panics("dropped")),
            later::<u8>("b", waits(1)),
        ];
        let table = table(formation, legs);
        drop(flight(&table, &7));
        let mut dropped = flight(&table, &7);
        poll(&mut dropped);
        drop(dropped);
        let mut cut_off = flight(&table, &7);
        poll(&mut cut_off);
        let (log, mut aboard) = cut_off.board();
        aboard.cut_off();
        drop(aboard);
        let expected = match formation {
            Formation::InTurn => "a is dropped, a panicked",
            Formation::Together => "a is dropped, a panicked, b is dropped",
        };
        assert_eq!(log.take(), expected);
    }
}

#[test]
fn a_stopped_flight_begins_nothing() {
    for formation in [Formation::InTurn, Formation::Together] {
        let table = table(formation, vec![now("a"), now("b")]);
        let mut flight = flight(&table, &7);
        let (log, mut aboard) = flight.board();
        let is_stopped = |log: &Log| !log.lines().is_empty();
        let polled = aboard.go_on(is_stopped, &mut task::Context::from_waker(Waker::noop()));
        assert!(polled.is_ready());
        assert_eq!((aboard.begun(), log.take()), (1, "a runs".into()));
    }
}

#[test]
fn an_owner_may_keep_the_table_and_the_subject() {
    struct Owner {
        table: Arc<FlightTable<Log>>,
        subject: Box<u8>,
    }
    let legs = vec![later::<Wide>("a", waits(1)), now("b")];
    let head = Flight::<Owner, Log>::HEAD;
    let table = FlightTable::new(head, TypeId::of::<u8>, None, Formation::InTurn, legs);
    let owner = Owner {
        table: Arc::new(table),
        subject: Box::new(7),
    };
    let mut flight: Flight<'static, Owner, Log> = Flight::carrying(
        owner,
        |owner| owner.table.aim_at(Erased::new(&*owner.subject)),
        log,
    );
    let (log, mut aboard) = flight.board();
    let mut waking = task::Context::from_waker(Waker::noop());
    assert!(aboard.go_on(|_| false, &mut waking).is_pending());
    assert!(aboard.go_on(|_| false, &mut waking).is_ready());
    assert_eq!(
        log.take(),
        "a waits, a is ready, a is dropped, a Ok(7) Ok(()), b runs"
    );
}

#[test]
fn a_table_is_aimed_at_what_has_its_own_index_alone() {
    let table = table(Formation::InTurn, vec![now("a")]);
    assert!(table.aim(Indexed::new(&OF_U8, &7)).is_some());
    assert!(table.aim(Indexed::new(&ALSO_OF_U8, &7)).is_none());
}

#[test]
#[should_panic(expected = "a table for another type of subject")]
fn a_table_refuses_a_subject_of_another_type() {
    table(Formation::InTurn, Vec::new()).aim_at(Erased::new(&7_i8));
}

#[test]
#[should_panic(expected = "a table for another type of owner")]
fn a_table_refuses_another_owner() {
    let table = table(Formation::InTurn, vec![now("a")]);
    Flight::new(|| (), table.aim_at(Erased::new(&7_u8)), log);
}

#[test]
fn a_leg_that_is_not_under_way_is_not_polled() {
    let table = table(Formation::InTurn, vec![now("a")]);
    let mut flight = flight(&table, &7);
    let (_, mut aboard) = flight.board();
    let mut waking = task::Context::from_waker(Waker::noop());
    aboard.begin_next(&mut waking);
    let poll = || aboard.go_on_with(0, &mut waking);
    catch_unwind(AssertUnwindSafe(poll)).expect_err("it is not under way");
}
