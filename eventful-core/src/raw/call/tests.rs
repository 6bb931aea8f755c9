use std::cell::RefCell;
use std::fmt::Display;

use super::super::access::{Direct, Projected, Projection};
use super::*;

struct Log {
    running: Slot<Named<&'static str>>,
    lines: RefCell<Vec<String>>,
}

impl Log {
    fn new() -> Self {
        Self {
            running: Slot::empty(),
            lines: RefCell::default(),
        }
    }

    fn add(&self, line: String) {
        self.lines.borrow_mut().push(line);
    }
}

impl Context for Log {
    type Info = &'static str;

    fn slot(&self) -> &Slot<Named<&'static str>> {
        &self.running
    }
}

type TestTable = Table<(), &'static str, Log>;
type TestBound = Bound<Log>;

fn table(
    subject: fn() -> TypeId,
    index: Option<ErasedIndex>,
    bound: Vec<(&'static str, TestBound)>,
) -> TestTable {
    Table::new(subject, index, bound, ())
}

fn shown<S: Display + Send + Sync + 'static>(state: S) -> TestBound {
    let call = Call::new::<u8, Direct, S, _>(|subject, state, log: &Log| {
        let running = log.running.get().expect("a call is running").info();
        log.add(format!("{running} {subject} {state}"));
    });
    Bound::new::<u8, Direct, S>(Leg::Now(call), (), state)
}

fn projected() -> TestBound {
    let call = Call::new::<dyn Display, Projected, (), _>(|subject, (), log: &Log| {
        log.add(format!("{subject}!"));
    });
    let projection = Projection::new::<u8, _>(|subject: &u8| subject as &dyn Display);
    Bound::new::<dyn Display, Projected, ()>(Leg::Now(call), projection, ())
}

static OF_U8: TypedIndex<u8, ()> = TypedIndex::new(());
static ALSO_OF_U8: TypedIndex<u8, ()> = TypedIndex::new(());
static OF_I8: TypedIndex<i8, ()> = TypedIndex::new(());

#[test]
fn calls_run_in_order_with_their_own_state_and_info() {
    let bound = vec![("first", shown(10_u16)), ("second", shown(20_u16))];
    let table = table(TypeId::of::<u8>, None, bound);
    let log = Log::new();
    let mut calls = table
        .aim_at(Erased::new(&7_u8))
        .expect("it has calls")
        .calls(&log);
    assert!(calls.run_next());
    assert_eq!(*log.lines.borrow(), ["first 7 10"]);
    assert_eq!(calls.remaining(), 1);
    assert!(calls.run_next());
    assert_eq!(*log.lines.borrow(), ["first 7 10", "second 7 20"]);
    assert!(!calls.run_next());
    drop(calls);
    assert!(
        log.running.get().is_none(),
        "the slot is cleared before the table can go"
    );
}

#[test]
fn a_projected_call_sees_what_its_projection_makes_of_the_subject() {
    let table = table(TypeId::of::<u8>, None, vec![("it", projected())]);
    let log = Log::new();
    let aimed = table.aim_at(Erased::new(&7_u8)).expect("it has a call");
    assert_eq!(aimed.run(&log), 1);
    assert_eq!(*log.lines.borrow(), ["7!"]);
}

#[test]
fn a_table_is_aimed_at_what_has_its_own_index_alone() {
    let bound = vec![("it", shown(1_u16)), ("itself", shown(2_u16))];
    let table = table(TypeId::of::<u8>, Some(OF_U8.erase()), bound);
    let log = Log::new();
    let Aim::At(aimed) = table.aim(Indexed::new(&OF_U8, &7_u8)) else {
        panic!("it has the index, and a call");
    };
    assert_eq!(aimed.run(&log), 2);
    assert_eq!(*log.lines.borrow(), ["it 7 1", "itself 7 2"]);
    let aim = table.aim(Indexed::new(&OF_I8, &7_i8));
    assert!(matches!(aim, Aim::Beside));
    let aim = table.aim(Indexed::new(&ALSO_OF_U8, &7_u8));
    assert!(matches!(aim, Aim::Beside));
}

#[test]
fn a_table_without_calls_is_aimed_at_nothing() {
    let table = table(TypeId::of::<u8>, Some(OF_U8.erase()), Vec::new());
    let aim = table.aim(Indexed::new(&OF_U8, &7_u8));
    assert!(matches!(aim, Aim::AtNothing));
    assert!(table.aim_at(Erased::new(&7_u8)).is_none());
}

#[test]
#[should_panic(expected = "an index of another type of subject")]
fn a_table_refuses_the_index_of_another_type() {
    table(TypeId::of::<u8>, Some(OF_I8.erase()), Vec::new());
}

#[test]
#[should_panic(expected = "a call for another type of subject")]
fn a_table_refuses_a_call_for_another_subject() {
    table(TypeId::of::<i8>, None, vec![("it", shown(1_u16))]);
}

#[test]
#[should_panic(expected = "a call for another type of subject")]
fn a_table_refuses_a_projection_from_another_subject() {
    table(TypeId::of::<i8>, None, vec![("it", projected())]);
}

#[test]
#[should_panic(expected = "a leg that was made for other types")]
fn a_call_refuses_a_state_of_another_type() {
    let call = Call::<Log>::new::<u8, Direct, u16, _>(|_, _, _| ());
    TestBound::new::<u8, Direct, u32>(Leg::Now(call), (), 1);
}

#[test]
#[should_panic(expected = "a leg that was made for other types")]
fn a_call_refuses_to_be_bound_for_another_subject() {
    let call = Call::<Log>::new::<u8, Direct, u16, _>(|_, _, _| ());
    TestBound::new::<i8, Direct, u16>(Leg::Now(call), (), 1);
}

#[test]
#[should_panic(expected = "a table for another type of subject")]
fn a_table_refuses_a_subject_of_another_type() {
    table(TypeId::of::<u8>, None, Vec::new()).aim_at(Erased::new(&1_i8));
}

#[test]
fn an_entry_is_three_words_and_a_table_a_cache_line() {
    let words = size_of::<BoundCall<&'static str, Log>>() / size_of::<usize>();
    assert_eq!(words, 3);
    assert_eq!(size_of::<Table<[usize; 3], &'static str, Log>>(), 64);
}
