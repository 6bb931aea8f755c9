use std::cell::RefCell;
use std::fmt::Display;
use std::pin::Pin;
use std::task::{self, Poll};

use super::super::access::{Direct, Projected, Projection};
use super::super::async_call::{AsyncFunction, Payload};
use super::super::call::Call;
use super::super::scoped_ref::AtomicRef;
use super::super::typed_index::TypedIndex;
use super::*;

struct Log {
    running: AtomicRef<CallInfo<&'static str>>,
    lines: RefCell<Vec<String>>,
}

impl Log {
    fn new() -> Self {
        Self {
            running: AtomicRef::empty(),
            lines: RefCell::default(),
        }
    }

    fn add(&self, line: String) {
        self.lines.borrow_mut().push(line);
    }
}

impl Context for Log {
    type Info = &'static str;
    type Subject = &'static str;

    fn current_call(&self) -> &AtomicRef<CallInfo<&'static str>> {
        &self.running
    }
}

type TestTable = SyncTable<Log>;
type TestBound = BoundCall<Log>;

fn table(
    subject: fn() -> TypeId,
    index: Option<ErasedIndex>,
    bound: Vec<(&'static str, TestBound)>,
) -> TestTable {
    SyncTable::new(subject, index, "a table", bound)
}

fn shown<S: Display + Send + Sync + 'static>(state: S) -> TestBound {
    let call = Call::new::<u8, Direct, S, _>(|subject, state, log: &Log| {
        let running = log.running.get().expect("a call is running").info();
        log.add(format!("{running} {subject} {state}"));
    });
    BoundCall::new::<u8, Direct, S>(call, (), state)
}

fn projected() -> TestBound {
    let call = Call::new::<dyn Display, Projected, (), _>(|subject, (), log: &Log| {
        log.add(format!("{subject}!"));
    });
    let projection = Projection::new::<u8, _>(|subject: &u8| subject as &dyn Display);
    BoundCall::new::<dyn Display, Projected, ()>(call, projection, ())
}

static OF_U8: TypedIndex<u8, ()> = TypedIndex::new(());
static ALSO_OF_U8: TypedIndex<u8, ()> = TypedIndex::new(());
static OF_I8: TypedIndex<i8, ()> = TypedIndex::new(());

fn run(calls: Calls<'_, Log>, log: &Log) -> usize {
    let mut steps = calls.steps(log);
    while steps.run_next() {}
    steps.count()
}

#[test]
fn calls_run_in_order_with_their_own_state_and_info() {
    let bound = vec![("first", shown(10_u16)), ("second", shown(20_u16))];
    let table = table(TypeId::of::<u8>, None, bound);
    let log = Log::new();
    let calls = table.calls(Erased::new(&7_u8)).expect("it has calls");
    assert_eq!(calls.about(), "a table");
    let mut steps = calls.steps(&log);
    assert!(steps.run_next());
    assert_eq!(*log.lines.borrow(), ["first 7 10"]);
    assert_eq!((steps.remaining(), steps.count()), (1, 2));
    assert!(steps.announce());
    assert!(steps.run_next());
    assert_eq!(*log.lines.borrow(), ["first 7 10", "second 7 20"]);
    assert!(!steps.announce());
    assert!(!steps.run_next());
    drop(steps);
    assert!(
        log.running.get().is_none(),
        "it is cleared before the table can go"
    );
}

#[test]
fn a_projected_call_sees_what_its_projection_makes_of_the_subject() {
    let table = table(TypeId::of::<u8>, None, vec![("it", projected())]);
    let log = Log::new();
    let calls = table.calls(Erased::new(&7_u8)).expect("it has a call");
    assert_eq!(run(calls, &log), 1);
    assert_eq!(*log.lines.borrow(), ["7!"]);
    assert!(calls.indexed().is_none(), "its table has no index");
}

#[test]
fn a_table_is_found_by_its_own_index_alone() {
    let bound = vec![("it", shown(1_u16)), ("itself", shown(2_u16))];
    let table = table(TypeId::of::<u8>, Some(OF_U8.erase()), bound);
    let log = Log::new();
    let Lookup::Calls(calls) = table.lookup(Indexed::new(&OF_U8, &7_u8)) else {
        panic!("it has the index, and a call");
    };
    assert_eq!(run(calls, &log), 2);
    assert_eq!(*log.lines.borrow(), ["it 7 1", "itself 7 2"]);
    let again = calls.indexed().map(|indexed| table.lookup(indexed));
    assert!(matches!(again, Some(Lookup::Calls(_))));
    let again = OF_U8.erase().with(calls.subject());
    assert!(again.is_some_and(|indexed| matches!(table.lookup(indexed), Lookup::Calls(_))));
    assert!(OF_I8.erase().with(calls.subject()).is_none());
    let lookup = table.lookup(Indexed::new(&OF_I8, &7_i8));
    assert!(matches!(lookup, Lookup::SlowPath));
    let lookup = table.lookup(Indexed::new(&ALSO_OF_U8, &7_u8));
    assert!(matches!(lookup, Lookup::SlowPath));
}

#[test]
fn a_table_without_calls_says_so() {
    let table = table(TypeId::of::<u8>, Some(OF_U8.erase()), Vec::new());
    let lookup = table.lookup(Indexed::new(&OF_U8, &7_u8));
    assert!(matches!(lookup, Lookup::NoCalls));
    assert!(table.calls(Erased::new(&7_u8)).is_none());
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
#[should_panic(expected = "a call that was made for other types")]
fn a_call_refuses_a_state_of_another_type() {
    let call = Call::<Log>::new::<u8, Direct, u16, _>(|_, _, _| ());
    TestBound::new::<u8, Direct, u32>(call, (), 1);
}

#[test]
#[should_panic(expected = "a call that was made for other types")]
fn a_call_refuses_to_be_bound_for_another_subject() {
    let call = Call::<Log>::new::<u8, Direct, u16, _>(|_, _, _| ());
    TestBound::new::<i8, Direct, u16>(call, (), 1);
}

#[test]
#[should_panic(expected = "a table for another type of subject")]
fn a_table_refuses_a_subject_of_another_type() {
    table(TypeId::of::<u8>, None, Vec::new()).calls(Erased::new(&1_i8));
}

#[test]
#[should_panic(expected = "a call that makes a future")]
fn a_table_refuses_a_call_that_makes_a_future() {
    let call = Call::<Log>::new_async::<u8, Direct, (), _>(Never);
    let bound = TestBound::new::<u8, Direct, ()>(call, (), ());
    table(TypeId::of::<u8>, None, vec![("it", bound)]);
}

#[derive(Clone, Copy)]
struct Never;

impl<'a> AsyncFunction<'a, u8, (), Log> for Never {
    type Future = std::future::Pending<()>;
    type Settled = ();

    fn call(self, _: &'a u8, (): &'a (), _: &'a Log) -> Self::Future {
        std::future::pending()
    }

    fn poll(_: Pin<&mut Self::Future>, _: &mut task::Context<'_>, _: &Log) -> Poll<()> {
        Poll::Ready(())
    }

    fn conclude(_: Result<(), Payload>, _: Result<(), Payload>, _: &Log) {}

    fn panicked_when_cancelled(_: Payload, _: &Log) {}
}

#[test]
fn an_entry_is_three_words_and_a_table_seven() {
    let words = |bytes: usize| bytes / size_of::<usize>();
    assert_eq!(words(size_of::<Entry<Log>>()), 3);
    assert_eq!(words(size_of::<SyncTable<Log>>()), 7);
}
