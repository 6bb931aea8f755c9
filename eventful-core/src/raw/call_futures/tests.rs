//! Futures that do as they are told, and log it.

use std::any::TypeId;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Waker;

use super::super::access::Direct;
use super::super::async_call::{AsyncFunction, Payload};
use super::super::call::{BoundCall, Call, CallInfo};
use super::super::erased::Erased;
use super::super::scoped_ref::AtomicRef;
use super::*;

struct Log {
    running: AtomicRef<CallInfo<&'static str>>,
    lines: Mutex<Vec<String>>,
}

impl Log {
    fn add(&self, line: &str) {
        let running = self.running.get().map_or("nobody", |call| call.info());
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
    type Subject = ();

    fn current_call(&self) -> &AtomicRef<CallInfo<&'static str>> {
        &self.running
    }
}

fn log<Owner>(_: ScopedRef<Owner>) -> Log {
    Log {
        running: AtomicRef::empty(),
        lines: Mutex::default(),
    }
}

/// The steps of a future.
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

impl<'a, P: Default + Copy + Send + 'static> AsyncFunction<'a, u8, Script, Log> for Follow<P> {
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

    fn poll(future: Pin<&mut Self::Future>, waker: &mut task::Context<'_>, log: &Log) -> Poll<u8> {
        future.poll(waker).map(|output| {
            log.add("is ready");
            output
        })
    }

    fn conclude(settled: Result<u8, Payload>, dropped: Result<(), Payload>, log: &Log) {
        let text = |payload: &Payload| payload.downcast_ref::<String>().cloned();
        let settled = settled.map_err(|payload| text(&payload));
        let dropped = dropped.map_err(|payload| text(&payload));
        log.add(&format!("{settled:?} {dropped:?}"));
    }

    fn panicked_when_cancelled(_: Payload, log: &Log) {
        log.add("panicked");
    }
}

#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Wide {
    _bytes: [u8; 32],
}

type TestBound = (&'static str, BoundCall<Log>);

fn later<P: Default + Copy + Send + 'static>(name: &'static str, script: Script) -> TestBound {
    let call = Call::new_async::<u8, Direct, Script, _>(Follow::<P>(PhantomData));
    (name, BoundCall::new::<u8, Direct, Script>(call, (), script))
}

fn now(name: &'static str) -> TestBound {
    let call = Call::new::<u8, Direct, (), _>(|_, (), log: &Log| log.add("runs"));
    (name, BoundCall::new::<u8, Direct, ()>(call, (), ()))
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

/// Borrows the table and the subject.
type Owner<'a> = (&'a AsyncTable<Log>, &'a u8);
type TestFutures<'a> = CallFutures<'a, Owner<'a>, Log>;

fn table(concurrency: Concurrency, calls: Vec<TestBound>) -> AsyncTable<Log> {
    AsyncTable::new(TestFutures::HEAD, TypeId::of::<u8>, concurrency, calls)
}

fn futures<'a>(table: &'a AsyncTable<Log>, subject: &'a u8) -> TestFutures<'a> {
    CallFutures::new(
        (table, subject),
        |(table, subject)| table.calls(Erased::new(*subject)),
        log,
    )
}

/// One poll, and what was logged.
fn poll(futures: &mut TestFutures<'_>) -> (bool, String) {
    let (log, mut poller) = futures.split();
    let is_ready = poller
        .poll(|_| false, &mut task::Context::from_waker(Waker::noop()))
        .is_ready();
    drop(poller);
    assert!(log.running.get().is_none(), "no call is the current one");
    (is_ready, log.take())
}

#[test]
fn sequential_calls_finish_before_the_next_starts() {
    let calls = vec![
        later::<u8>("a", waits(0)),
        later::<Wide>("b", waits(2)),
        now("c"),
        later::<()>("d", waits(1)),
    ];
    let table = table(Concurrency::Sequential, calls);
    let mut futures = futures(&table, &7);
    assert_eq!(
        poll(&mut futures),
        (
            false,
            "a is ready, a is dropped, a Ok(7) Ok(()), b waits".into()
        )
    );
    let pending = |futures: &TestFutures<'_>| [0, 1, 2, 3].map(|index| futures.is_pending(index));
    assert_eq!(pending(&futures), [false, true, false, false]);
    assert_eq!(poll(&mut futures), (false, "b waits".into()));
    assert_eq!(
        poll(&mut futures),
        (
            false,
            "b is ready, b is dropped, b Ok(7) Ok(()), c runs, d waits".into()
        )
    );
    assert_eq!(futures.started(), 4);
    assert_eq!(
        poll(&mut futures),
        (true, "d is ready, d is dropped, d Ok(7) Ok(())".into())
    );
    assert_eq!(pending(&futures), [false; 4]);
}

#[test]
fn concurrent_futures_have_memory_of_their_own() {
    let calls = vec![
        later::<Wide>("a", waits(2)),
        now("b"),
        later::<u8>("c", waits(0)),
        later::<Wide>("d", waits(1)),
    ];
    let table = table(Concurrency::Concurrent, calls);
    let mut futures = futures(&table, &7);
    assert_eq!(
        poll(&mut futures),
        (
            false,
            "a waits, b runs, c is ready, c is dropped, c Ok(7) Ok(()), d waits".into()
        )
    );
    assert_eq!(
        [0, 1, 2, 3].map(|index| futures.is_pending(index)),
        [true, false, false, true]
    );
    assert_eq!(
        poll(&mut futures),
        (
            false,
            "a waits, d is ready, d is dropped, d Ok(7) Ok(())".into()
        )
    );
    assert_eq!(
        poll(&mut futures),
        (true, "a is ready, a is dropped, a Ok(7) Ok(())".into())
    );
}

#[test]
fn one_call_at_a_time_it_goes_the_same_way() {
    let calls = || {
        vec![
            later::<Wide>("a", waits(1)),
            now("b"),
            later::<u8>("c", waits(1)),
        ]
    };
    for concurrency in [Concurrency::Sequential, Concurrency::Concurrent] {
        let table = table(concurrency, calls());
        let mut futures = futures(&table, &7);
        let (log, mut poller) = futures.split();
        let mut waker = task::Context::from_waker(Waker::noop());
        while poller.can_start() || poller.has_pending() {
            for index in 0..poller.started() {
                if poller.is_pending(index) {
                    poller.poll_one(index, &mut waker);
                }
            }
            poller.start_next(&mut waker);
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
fn a_panic_ends_its_call_alone() {
    for concurrency in [Concurrency::Sequential, Concurrency::Concurrent] {
        let calls = vec![
            later::<u8>("a", panics("called")),
            later::<u8>("b", panics("polled")),
            later::<Wide>("c", panics("dropped")),
            later::<u8>("d", waits(0)),
        ];
        let table = table(concurrency, calls);
        let mut futures = futures(&table, &7);
        let (_, first) = poll(&mut futures);
        let (is_ready, second) = poll(&mut futures);
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
fn what_is_pending_is_dropped_with_the_flight_or_before() {
    for concurrency in [Concurrency::Sequential, Concurrency::Concurrent] {
        let calls = vec![
            later::<Wide>("a", panics("dropped")),
            later::<u8>("b", waits(1)),
        ];
        let table = table(concurrency, calls);
        drop(futures(&table, &7));
        let mut dropped = futures(&table, &7);
        poll(&mut dropped);
        drop(dropped);
        let mut cancelled = futures(&table, &7);
        poll(&mut cancelled);
        let (log, mut poller) = cancelled.split();
        poller.cancel();
        drop(poller);
        let expected = match concurrency {
            Concurrency::Sequential => "a is dropped, a panicked",
            Concurrency::Concurrent => "a is dropped, a panicked, b is dropped",
        };
        assert_eq!(log.take(), expected);
    }
}

#[test]
fn what_is_stopped_starts_nothing() {
    for concurrency in [Concurrency::Sequential, Concurrency::Concurrent] {
        let table = table(concurrency, vec![now("a"), now("b")]);
        let mut futures = futures(&table, &7);
        let (log, mut poller) = futures.split();
        let is_stopped = |log: &Log| !log.lines().is_empty();
        let result = poller.poll(is_stopped, &mut task::Context::from_waker(Waker::noop()));
        assert!(result.is_ready());
        assert_eq!((poller.started(), log.take()), (1, "a runs".into()));
    }
}

#[test]
fn an_owner_may_keep_the_table_and_the_subject() {
    struct Owning {
        table: Arc<AsyncTable<Log>>,
        subject: Box<u8>,
    }
    let calls = vec![later::<Wide>("a", waits(1)), now("b")];
    let head = CallFutures::<Owning, Log>::HEAD;
    let table = AsyncTable::new(head, TypeId::of::<u8>, Concurrency::Sequential, calls);
    let owner = Owning {
        table: Arc::new(table),
        subject: Box::new(7),
    };
    let mut futures: CallFutures<'static, Owning, Log> = CallFutures::new(
        owner,
        |owner| owner.table.calls(Erased::new(&*owner.subject)),
        log,
    );
    let (log, mut poller) = futures.split();
    let mut waker = task::Context::from_waker(Waker::noop());
    assert!(poller.poll(|_| false, &mut waker).is_pending());
    assert!(poller.poll(|_| false, &mut waker).is_ready());
    assert_eq!(
        log.take(),
        "a waits, a is ready, a is dropped, a Ok(7) Ok(()), b runs"
    );
}

#[test]
#[should_panic(expected = "a table for another type of subject")]
fn a_table_refuses_a_subject_of_another_type() {
    table(Concurrency::Sequential, Vec::new()).calls(Erased::new(&7_i8));
}

#[test]
#[should_panic(expected = "a table for another type of owner")]
fn a_table_refuses_another_owner() {
    let table = table(Concurrency::Sequential, vec![now("a")]);
    CallFutures::new(&table, |table| table.calls(Erased::new(&7_u8)), log);
}

#[test]
fn a_call_that_is_not_pending_is_not_polled() {
    let table = table(Concurrency::Sequential, vec![now("a")]);
    let mut futures = futures(&table, &7);
    let (_, mut poller) = futures.split();
    let mut waker = task::Context::from_waker(Waker::noop());
    poller.start_next(&mut waker);
    let poll = || poller.poll_one(0, &mut waker);
    catch_unwind(AssertUnwindSafe(poll)).expect_err("it is not pending");
}
