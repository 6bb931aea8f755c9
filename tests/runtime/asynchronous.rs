//! Events that are published with `await`.

use std::future::{Future, pending, ready};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;

use eventful::{Bus, Delivery, Failure, PublishError, Publishing, event, handler};
use expect_test::expect;

use crate::Trace;
use crate::polling::{Wakes, block_on, in_time, poll_once, yield_now};

#[event(async)]
struct Shipped {
    id: u32,
}

#[handler(Shipped, order = 1)]
fn now(event: &Shipped, trace: &Trace) {
    trace.add(format!("now {}", event.id));
}

#[handler(Shipped, order = 2)]
async fn later(event: &Shipped, trace: &Trace) {
    trace.add(format!("later {}", event.id));
    yield_now().await;
    trace.add(format!("later still {}", event.id));
}

#[handler(Shipped, order = 3)]
fn now_again(event: &Shipped, trace: &Trace) {
    trace.add(format!("now again {}", event.id));
}

#[handler(Shipped, order = 4)]
async fn at_once(event: &Shipped, trace: &Trace) -> Result<(), String> {
    trace.add(format!("at once {}", event.id));
    ready(()).await;
    Ok(())
}

fn bus(trace: &Arc<Trace>) -> Bus {
    Bus::isolated()
        .provide_arc(Arc::clone(trace))
        .with(at_once)
        .with(later)
        .with(now_again)
        .with(now)
        .build()
        .unwrap()
}

#[test]
fn each_handler_comes_to_its_end_before_the_next_begins() {
    let trace = Arc::new(Trace::default());
    let bus = bus(&trace);
    let event = Shipped { id: 1 };
    let mut publishing = bus.publish(&event);
    assert_eq!(trace.take(), "", "nothing happens until it is polled");
    assert!(poll_once(&mut publishing).is_pending());
    assert_eq!(trace.take(), "now 1\nlater 1");
    let Poll::Ready(result) = poll_once(&mut publishing) else {
        panic!("one handler waits once")
    };
    assert_eq!(result.unwrap().handled(), 4);
    assert_eq!(trace.take(), "later still 1\nnow again 1\nat once 1");
}

#[test]
fn a_poll_that_nobody_asked_for_changes_nothing() {
    let is_open = Arc::new(Mutex::new(false));
    let (trace, gate) = (Arc::new(Trace::default()), Arc::clone(&is_open));
    let opened = move || {
        let gate = Arc::clone(&gate);
        std::future::poll_fn(move |_| {
            if *gate.lock().unwrap() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
    };
    let bus = bus(&trace)
        .derive()
        .replace(later, move |_: &Shipped| opened())
        .build()
        .unwrap();
    let event = Shipped { id: 2 };
    let mut publishing = bus.publish(&event);
    for _ in 0..5 {
        assert!(poll_once(&mut publishing).is_pending());
    }
    assert_eq!(trace.take(), "now 2");
    *is_open.lock().unwrap() = true;
    assert!(poll_once(&mut publishing).is_ready());
    assert_eq!(trace.take(), "now again 2\nat once 2");
}

#[test]
#[should_panic(expected = "`Publishing` was polled after it was ready")]
fn a_publish_that_is_polled_again_says_so() {
    let bus = bus(&Arc::new(Trace::default()));
    let event = Shipped { id: 3 };
    let mut publishing = bus.publish(&event);
    assert!(poll_once(&mut publishing).is_pending());
    assert!(poll_once(&mut publishing).is_ready());
    assert_eq!(format!("{publishing:?}"), "Publishing(finished)");
    drop(poll_once(&mut publishing));
}

#[test]
fn the_future_is_send_and_can_be_moved() {
    fn is_send_and_unpin<T: Send + Unpin>(_: &T) {}

    let trace = Arc::new(Trace::default());
    let bus = bus(&trace);
    let event = Shipped { id: 4 };
    let mut publishing = bus.publish(&event);
    is_send_and_unpin(&publishing);
    assert_eq!(format!("{publishing:?}"), "Publishing(unstarted)");
    assert!(poll_once(&mut publishing).is_pending());
    assert_eq!(format!("{publishing:?}"), "Publishing(under way)");
    let boxed = Box::new(publishing);
    assert_eq!(block_on(boxed).unwrap().handled(), 4);
}

#[test]
fn it_is_the_waker_of_the_last_poll_that_is_woken() {
    let bus = Bus::isolated()
        .subscribe("waits", |_: &Shipped| yield_now())
        .build()
        .unwrap();
    let (first, second) = (Arc::new(Wakes::default()), Arc::new(Wakes::default()));
    let event = Shipped { id: 5 };
    let mut publishing = Box::pin(async {
        bus.publish(&event).await.unwrap();
        bus.publish(&event).await.unwrap();
    });
    for wakes in [&first, &second] {
        let waker = Waker::from(Arc::clone(wakes));
        assert!(
            publishing
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
    }
    assert_eq!((first.count(), second.count()), (1, 1));
    assert!(poll_once(&mut publishing).is_ready());
}

#[test]
fn an_event_without_asynchronous_handlers_is_ready_at_the_first_poll() {
    let trace = Arc::new(Trace::default());
    let bus = bus(&trace)
        .derive()
        .without(later)
        .without(at_once)
        .build()
        .unwrap();
    let event = Shipped { id: 6 };
    let Poll::Ready(result) = poll_once(&mut bus.publish(&event)) else {
        panic!("nobody waits")
    };
    assert_eq!(result.unwrap().handled(), 2);
    assert_eq!(trace.take(), "now 6\nnow again 6");

    let bus = Bus::isolated().build().unwrap();
    let Poll::Ready(result) = poll_once(&mut bus.publish(&event)) else {
        panic!("nobody listens")
    };
    assert_eq!(result.unwrap().handled(), 0);
}

#[test]
fn an_ambient_publish_on_a_faulty_default_is_refused_at_the_first_poll() {
    // Handlers of this program need resources, which the lazily built default does not have.
    let line = line!() + 1;
    let Poll::Ready(result) = poll_once(&mut Shipped { id: 7 }.publish()) else {
        panic!("there is nothing to wait for")
    };
    let error = result.unwrap_err();
    assert!(error.refusal().unwrap().wiring().is_some());
    assert_eq!(error.published_at().line(), line);
}

// ---- failures

fn describe(error: &PublishError) -> String {
    let describe = |failure: &Failure| {
        let id = failure
            .handler()
            .id()
            .replace("runtime::asynchronous::", "");
        format!("{id}, panic {}: {}", failure.is_panic(), failure.message())
    };
    let failures: Vec<_> = error.failures().iter().map(describe).collect();
    failures.join("\n")
}

#[event(async)]
struct Tried;

#[handler(Tried, order = 1)]
async fn panics_before_it_waits(_: &Tried) {
    panic!("before");
}

#[handler(Tried, order = 2)]
async fn panics_after_it_waited(_: &Tried) {
    yield_now().await;
    panic!("after");
}

#[handler(Tried, order = 3)]
fn panics_at_once(_: &Tried) {
    panic!("at once");
}

#[handler(Tried, order = 4)]
async fn fails_after_it_waited(_: &Tried) -> Result<(), String> {
    yield_now().await;
    Err(String::from("no"))
}

struct PanicsOnDrop;

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        panic!("when dropped");
    }
}

#[handler(Tried, order = 5)]
async fn panics_at_its_end(_: &Tried) {
    let _guard = PanicsOnDrop;
    yield_now().await;
}

#[handler(Tried, order = 6)]
async fn works(_: &Tried, trace: &Trace) {
    yield_now().await;
    trace.add("works");
}

#[test]
fn panics_and_errors_before_and_after_an_await_stop_nobody() {
    let trace = Arc::new(Trace::default());
    let bus = Bus::isolated()
        .provide_arc(Arc::clone(&trace))
        .with(panics_before_it_waits)
        .with(panics_after_it_waited)
        .with(panics_at_once)
        .with(fails_after_it_waited)
        .with(panics_at_its_end)
        .with(works)
        .subscribe(
            "panics when called",
            |event: &Tried| -> std::future::Ready<()> { panic!("{}", size_of_val(event)) },
        )
        .build()
        .unwrap();
    let failures = expect![[r"
        panics when called, panic true: 0
        panics_before_it_waits, panic true: before
        panics_after_it_waited, panic true: after
        panics_at_once, panic true: at once
        fails_after_it_waited, panic false: no
        panics_at_its_end, panic true: when dropped"]];
    for _ in 0..2 {
        let error = block_on(bus.publish(&Tried)).unwrap_err();
        failures.assert_eq(&describe(&error));
        assert_eq!(error.delivered().handled(), 7);
        assert_eq!(trace.take(), "works");
    }
}

#[event(async, fail_fast)]
struct Asked;

#[handler(Asked, order = 1)]
async fn agrees(_: &Asked, trace: &Trace) {
    yield_now().await;
    trace.add("agrees");
}

#[handler(Asked, order = 2)]
async fn vetoes(_: &Asked, trace: &Trace) -> Result<(), String> {
    yield_now().await;
    trace.add("vetoes");
    Err(String::from("no"))
}

#[handler(Asked, order = 3)]
async fn is_never_asked(_: &Asked, trace: &Trace) {
    trace.add("never");
}

#[test]
fn fail_fast_stops_at_the_first_failure() {
    let trace = Arc::new(Trace::default());
    let bus = Bus::isolated()
        .provide_arc(Arc::clone(&trace))
        .with(agrees)
        .with(vetoes)
        .with(is_never_asked)
        .build()
        .unwrap();
    let error = block_on(bus.publish(&Asked)).unwrap_err();
    assert_eq!(trace.take(), "agrees\nvetoes");
    assert_eq!(
        (error.delivered().handled(), error.failures().len()),
        (2, 1)
    );
    assert!(error.to_string().contains("and 1 did not run"), "{error}");
    let bus = bus.derive().without(vetoes).build().unwrap();
    assert_eq!(block_on(bus.publish(&Asked)).unwrap().handled(), 2);
    assert_eq!(trace.take(), "agrees\nnever");
}

// ---- concurrent

#[event(async, concurrent)]
struct Raced;

#[handler(Raced, order = 1)]
async fn slow(_: &Raced, trace: &Trace) -> Result<(), String> {
    for step in 1..=3 {
        trace.add(format!("slow {step}"));
        yield_now().await;
    }
    Err(String::from("slow"))
}

#[handler(Raced, order = 2)]
fn immediate(_: &Raced, trace: &Trace) {
    trace.add("immediate");
}

#[handler(Raced, order = 3)]
async fn quick(_: &Raced, trace: &Trace) -> Result<(), String> {
    trace.add("quick");
    yield_now().await;
    Err(String::from("quick"))
}

#[handler(Raced, order = 4)]
async fn large(_: &Raced, trace: &Trace, delivery: &Delivery) {
    // The futures lie beside each other: one of them is large and asks for an alignment.
    #[repr(align(64))]
    struct Aligned([u8; 1000]);

    let aligned = Aligned([7; 1000]);
    let address = (&raw const aligned).addr();
    yield_now().await;
    assert_eq!(((&raw const aligned).addr(), address % 64), (address, 0));
    assert!(aligned.0.iter().all(|byte| *byte == 7));
    trace.add(
        delivery
            .handler()
            .id()
            .replace("runtime::asynchronous::", ""),
    );
}

#[test]
fn handlers_that_run_together_begin_in_order_and_are_reported_in_order() {
    let trace = Arc::new(Trace::default());
    let bus = Bus::isolated()
        .provide_arc(Arc::clone(&trace))
        .with(large)
        .with(quick)
        .with(immediate)
        .with(slow)
        .build()
        .unwrap();
    let error = block_on(bus.publish(&Raced)).unwrap_err();
    expect![[r"
        slow 1
        immediate
        quick
        slow 2
        large
        slow 3"]]
    .assert_eq(&trace.take());
    expect![[r"
        slow, panic false: slow
        quick, panic false: quick"]]
    .assert_eq(&describe(&error));
    assert_eq!(error.delivered().handled(), 4);
}

#[test]
fn handlers_that_run_together_see_their_own_names() {
    #[event(async, concurrent)]
    struct Named;

    #[handler(Named)]
    async fn one(_: &Named, delivery: &Delivery, trace: &Trace) {
        for _ in 0..3 {
            assert!(delivery.handler().id().ends_with("one"));
            yield_now().await;
        }
        trace.add(format!("{:?}", delivery.handler().id().rsplit("::").next()));
    }

    #[handler(Named)]
    async fn two(_: &Named, delivery: &Delivery, trace: &Trace) {
        for _ in 0..2 {
            assert!(delivery.handler().id().ends_with("two"));
            yield_now().await;
        }
        trace.add(format!("{:?}", delivery.handler().id().rsplit("::").next()));
    }

    let trace = Arc::new(Trace::default());
    let bus = Bus::isolated()
        .provide_arc(Arc::clone(&trace))
        .with(one)
        .with(two)
        .build()
        .unwrap();
    block_on(bus.publish(&Named)).unwrap();
    assert_eq!(trace.take(), "Some(\"two\")\nSome(\"one\")");
}

// ---- the current bus

#[event]
struct Note(&'static str);

#[handler(Note)]
fn write_down(event: &Note, delivery: &Delivery, trace: &Trace, name: &&'static str) {
    let causes: Vec<_> = delivery
        .causes()
        .iter()
        .map(|cause| cause.handler().id().replace("runtime::asynchronous::", ""))
        .collect();
    trace.add(format!("{} on {name} by {causes:?}", event.0));
}

#[event(async)]
struct Started;

#[event(async)]
struct Continued;

#[handler(Started, order = 1)]
async fn go_on(_: &Started) -> Result<(), PublishError> {
    Note("first").publish()?;
    yield_now().await;
    Note("second").publish()?;
    Continued.publish().await?;
    Note("third").publish().map(drop)
}

#[handler(Started, order = 2)]
fn synchronous(_: &Started) -> Result<(), PublishError> {
    Note("fourth").publish().map(drop)
}

#[handler(Continued)]
async fn end(_: &Continued, bus: &Bus, delivery: &Delivery) -> Result<(), PublishError> {
    yield_now().await;
    let cause = delivery.cause().expect("it was published by a handler");
    assert!(cause.handler().id().ends_with("::go_on"));
    bus.publish(&Note("in the middle")).map(drop)
}

fn noting(trace: &Arc<Trace>, name: &'static str) -> Bus {
    Bus::isolated()
        .provide_arc(Arc::clone(trace))
        .provide(name)
        .with(write_down)
        .with(go_on)
        .with(synchronous)
        .with(end)
        .build()
        .unwrap()
}

#[test]
fn a_publish_in_a_handler_stays_on_its_bus_and_knows_its_causes_across_awaits() {
    let trace = Arc::new(Trace::default());
    let bus = noting(&trace, "bus");
    let mut publishing = bus.publish(&Started);
    // Polled where another bus is current, and in between that one is again.
    let other = noting(&trace, "another");
    while other.scope(|| poll_once(&mut publishing)).is_pending() {
        other.scope(|| Note("between").publish()).unwrap();
    }
    expect![[r#"
        first on bus by ["go_on"]
        between on another by []
        second on bus by ["go_on"]
        between on another by []
        in the middle on bus by ["end", "go_on"]
        third on bus by ["go_on"]
        fourth on bus by ["synchronous"]"#]]
    .assert_eq(&trace.take());
}

#[test]
fn a_publish_can_be_polled_on_many_threads_in_turn() {
    let trace = Arc::new(Trace::default());
    let bus = noting(&trace, "bus");
    let mut publishing = bus.publish(&Started);
    let mut is_ready = false;
    while !is_ready {
        is_ready = thread::scope(|scope| {
            let poll = scope.spawn(|| poll_once(&mut publishing).map(Result::unwrap).is_ready());
            poll.join().unwrap()
        });
    }
    drop(publishing);
    expect![[r#"
        first on bus by ["go_on"]
        second on bus by ["go_on"]
        in the middle on bus by ["end", "go_on"]
        third on bus by ["go_on"]
        fourth on bus by ["synchronous"]"#]]
    .assert_eq(&trace.take());
}

#[test]
fn scopes_follow_the_task() {
    let trace = Arc::new(Trace::default());
    let (outer, inner) = (noting(&trace, "outer"), noting(&trace, "inner"));
    let task = outer.scope_async(async {
        Note("in the outer scope").publish().unwrap();
        yield_now().await;
        // An ambient publish finds its bus when it is first polled.
        let publishing = Started.publish();
        inner.scope_async(publishing).await.unwrap();
        Note("in the outer scope again").publish().unwrap();
        // A thread leaves the scope, and the current bus carries over what it is given.
        let carried = Bus::current().unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                assert!(Bus::current().is_err());
                carried.scope(|| Note("carried over").publish()).unwrap();
            });
        });
    });
    let mut task = Box::pin(task);
    assert!(format!("{task:?}").starts_with("Scoped(Bus("));
    // Each poll on a thread of its own.
    while thread::scope(|scope| scope.spawn(|| poll_once(&mut task)).join().unwrap()).is_pending() {
        assert!(Bus::current().is_err(), "between polls nothing is current");
    }
    expect![[r#"
        in the outer scope on outer by []
        first on inner by ["go_on"]
        second on inner by ["go_on"]
        in the middle on inner by ["end", "go_on"]
        third on inner by ["go_on"]
        fourth on inner by ["synchronous"]
        in the outer scope again on outer by []
        carried over on outer by []"#]]
    .assert_eq(&trace.take());
}

#[test]
fn a_publish_may_outlive_the_handler_that_began_it() {
    /// The publishes that were begun and given away.
    #[derive(Default)]
    struct GivenAway(Mutex<Vec<Publishing<'static, Resumed>>>);

    #[event(async)]
    struct Begun;

    #[event(async)]
    struct Resumed;

    #[handler(Begun)]
    async fn give_away(_: &Begun, given_away: &GivenAway) {
        let mut publishing = Resumed.publish();
        assert!(poll_once(&mut publishing).is_pending());
        given_away.0.lock().unwrap().push(publishing);
        given_away.0.lock().unwrap().push(Resumed.publish());
        yield_now().await;
    }

    #[handler(Resumed)]
    async fn tell_causes(_: &Resumed, delivery: &Delivery, trace: &Trace) {
        for _ in 0..2 {
            trace.add(format!(
                "{} causes: {:?}",
                delivery.causes().len(),
                delivery.cause().is_some()
            ));
            yield_now().await;
        }
        Note("by one that was given away").publish().unwrap();
        trace.add(format!("{} causes", delivery.causes().len()));
    }

    let trace = Arc::new(Trace::default());
    let given_away = Arc::new(GivenAway::default());
    {
        let bus = noting(&trace, "bus")
            .derive()
            .provide_arc(Arc::clone(&given_away))
            .with(give_away)
            .with(tell_causes)
            .build()
            .unwrap();
        block_on(bus.publish(&Begun)).unwrap();
    }
    // The handler, its publish and its bus are gone.
    let publishings = std::mem::take(&mut *given_away.0.lock().unwrap());
    let other = noting(&trace, "another");
    let mut results = Vec::new();
    for publishing in publishings {
        let run = || block_on(other.scope_async(publishing)).unwrap().handled();
        results.push(thread::scope(|scope| scope.spawn(run).join().unwrap()));
    }
    // The second one was not polled before, so that it is published on the other bus, where nobody listens.
    assert_eq!(results, [1, 0]);
    expect![[r#"
        1 causes: true
        0 causes: false
        by one that was given away on bus by ["tell_causes"]
        0 causes"#]]
    .assert_eq(&trace.take());
}

#[test]
fn a_publish_that_was_begun_by_one_handler_may_be_ended_by_another() {
    #[event(async)]
    struct Passed;

    #[event(async)]
    struct Relay(bool);

    #[derive(Default)]
    struct Baton(Mutex<Option<Pin<Box<Publishing<'static, Passed>>>>>);

    #[handler(Relay)]
    async fn run(event: &Relay, baton: &Baton, bus: &Bus) {
        if event.0 {
            // One level deeper than where it is taken over.
            bus.publish(&Relay(false)).await.unwrap();
            let passed = baton.0.lock().unwrap().take();
            passed.expect("it was begun").await.unwrap();
        } else {
            let mut passed = Box::pin(Passed.publish());
            assert!(poll_once(&mut passed).is_pending());
            *baton.0.lock().unwrap() = Some(passed);
        }
    }

    #[handler(Passed)]
    async fn count_causes(_: &Passed, delivery: &Delivery, trace: &Trace) {
        trace.add(format!("{} causes", delivery.causes().len()));
        yield_now().await;
        trace.add(format!("{} causes", delivery.causes().len()));
    }

    let trace = Arc::new(Trace::default());
    let bus = Bus::isolated()
        .provide_arc(Arc::clone(&trace))
        .provide(Baton::default())
        .with(run)
        .with(count_causes)
        .build()
        .unwrap();
    block_on(bus.publish(&Relay(true))).unwrap();
    assert_eq!(trace.take(), "2 causes\n1 causes");
}

#[test]
fn a_thread_that_a_handler_waits_for_may_look_at_its_delivery() {
    #[event(async)]
    struct Looked;

    #[handler(Looked)]
    async fn look(_: &Looked, delivery: &Delivery, trace: &Trace) {
        for _ in 0..2 {
            let causes = thread::scope(|scope| {
                let causes =
                    scope.spawn(|| (delivery.handler().id().len(), delivery.causes().len()));
                causes.join().unwrap().1
            });
            trace.add(causes.to_string());
            yield_now().await;
        }
    }

    #[handler(Started)]
    async fn publish_looked(_: &Started) {
        Looked.publish().await.unwrap();
    }

    let trace = Arc::new(Trace::default());
    let bus = Bus::isolated()
        .provide_arc(Arc::clone(&trace))
        .with(look)
        .with(publish_looked)
        .build()
        .unwrap();
    block_on(bus.publish(&Started)).unwrap();
    assert_eq!(trace.take(), "1\n1");
}

// ---- nesting

#[event(async)]
struct Countdown(u32);

#[handler(Countdown)]
async fn count_down(event: &Countdown) -> Result<(), PublishError> {
    yield_now().await;
    match event.0 {
        0 => Ok(()),
        number => Countdown(number - 1).publish().await.map(drop),
    }
}

#[event(async)]
struct Circle;

#[handler(Circle)]
async fn turn(_: &Circle) -> Result<(), PublishError> {
    Circle.publish().await.map(drop)
}

/// How many failures lead to the refusal.
fn depth(mut error: PublishError) -> (usize, PublishError) {
    for depth in 0.. {
        if error.refusal().is_some() {
            return (depth, error);
        }
        let failure = error.into_failures().remove(0);
        let nested = failure.into_error().expect("no panic").downcast();
        error = *nested.expect("a nested publish");
    }
    unreachable!("an error comes to an end")
}

#[test]
fn nested_publishes_come_to_their_end_and_a_circle_to_an_error() {
    // A thread has 2 MiB of stack, as those of tokio do.
    in_time(|| {
        let bus = Bus::isolated().with(count_down).with(turn).build().unwrap();
        block_on(bus.publish(&Countdown(127))).unwrap();
        let (at, error) = depth(block_on(bus.publish(&Countdown(128))).unwrap_err());
        assert_eq!(at, 128);
        assert_eq!(error.refusal().unwrap().chain().len(), 128);
        let (at, error) = depth(block_on(bus.publish(&Circle)).unwrap_err());
        assert_eq!(at, 128);
        assert!(error.refusal().unwrap().is_nesting_limit());
        let text = error.to_string();
        assert!(text.contains("by runtime::asynchronous::turn"), "{text}");

        let bus = bus.derive().nesting_limit(2).build().unwrap();
        let (at, _) = depth(block_on(bus.publish(&Circle)).unwrap_err());
        assert_eq!(at, 2);
        block_on(bus.publish(&Countdown(1))).unwrap();
    });
}

#[test]
fn publishes_one_after_the_other_are_not_nested() {
    let bus = Bus::isolated()
        .with(count_down)
        .nesting_limit(2)
        .build()
        .unwrap();
    let twice = bus.scope_async(bus.scope_async(async {
        for _ in 0..5 {
            Countdown(1).publish().await.unwrap();
        }
    }));
    block_on(twice);
}

// ---- forms

#[event(async)]
struct Created<T: 'static>(T);

#[handler(Created<u8>)]
async fn byte(event: &Created<u8>, trace: &Trace) {
    yield_now().await;
    trace.add(format!("byte {}", event.0));
}

#[handler(Created<String>)]
fn text(event: &Created<String>, trace: &Trace) {
    trace.add(format!("text {}", event.0));
}

#[test]
fn each_instantiation_of_a_generic_event_reaches_its_own_handlers() {
    let trace = Arc::new(Trace::default());
    let bus = Bus::isolated()
        .provide_arc(Arc::clone(&trace))
        .with(byte)
        .with(text)
        .build()
        .unwrap();
    block_on(async {
        bus.publish(&Created(1_u8)).await.unwrap();
        let text = Created(String::from("a"));
        bus.scope_async(text.publish()).await.unwrap();
        assert_eq!(bus.publish(&Created('c')).await.unwrap().handled(), 0);
    });
    assert_eq!(trace.take(), "byte 1\ntext a");
    assert_eq!(bus.handlers::<Created<u8>>().len(), 1);
}

#[test]
fn closures_may_be_synchronous_or_return_a_future() {
    let trace = Arc::new(Trace::default());
    let add = {
        let trace = Arc::clone(&trace);
        move |line: String| trace.add(line)
    };
    let (now_add, later_add) = (add.clone(), add.clone());
    let bus = bus(&trace)
        .derive()
        .without(at_once)
        .without(now_again)
        .replace(now, move |event: &Shipped| {
            let (add, id) = (add.clone(), event.id);
            async move {
                yield_now().await;
                add(format!("replaced {id}"));
                Ok::<(), String>(())
            }
        })
        .subscribe("now", move |event: &Shipped| {
            now_add(format!("closure {}", event.id));
        })
        .subscribe("later", move |event: &Shipped| {
            let (add, id) = (later_add.clone(), event.id);
            async move {
                yield_now().await;
                add(format!("closure later {id}"));
            }
        })
        .build()
        .unwrap();
    let ran = expect![[r"
        closure 8
        closure later 8
        replaced 8
        later 8
        later still 8"]];
    for bus in [&bus, &bus.derive().build().unwrap()] {
        assert_eq!(
            block_on(bus.publish(&Shipped { id: 8 })).unwrap().handled(),
            4
        );
        ran.assert_eq(&trace.take());
    }
    let ids = bus
        .handlers::<Shipped>()
        .iter()
        .map(|handler| handler.id().replace("runtime::asynchronous::", ""));
    assert_eq!(ids.collect::<Vec<_>>(), ["now", "later", "now", "later"]);
}

trait Speaker: Send + Sync {
    fn speak(&self) -> &str;
}

impl Speaker for &'static str {
    fn speak(&self) -> &str {
        self
    }
}

#[event(async)]
struct Asking(String);

#[handler(Asking)]
async fn use_everything(
    event: &Asking,
    speaker: &dyn Speaker,
    shared: &Arc<dyn Speaker>,
    missing: Option<&u64>,
    bus: &Bus,
    delivery: &Delivery,
    trace: &Trace,
) {
    yield_now().await;
    let handlers = bus.handlers::<Asking>().len();
    let line = format!(
        "{} {} {} {missing:?} {handlers} {}",
        event.0,
        speaker.speak(),
        shared.speak(),
        delivery.event_name()
    );
    yield_now().await;
    trace.add(line);
}

#[test]
fn what_a_handler_is_given_is_there_after_an_await() {
    let trace = Arc::new(Trace::default());
    let publish = {
        let bus = Bus::isolated()
            .provide_arc(Arc::clone(&trace))
            .provide_arc::<dyn Speaker>(Arc::new("speaks"))
            .with(use_everything)
            .build()
            .unwrap();
        // The bus is gone by the time the handler runs, but for what the publish keeps.
        let mut publish = Box::pin(async move {
            let publishing =
                bus.scope_async(async { Asking(String::from("event")).publish().await });
            drop(bus);
            publishing.await
        });
        assert!(poll_once(&mut publish).is_pending());
        publish
    };
    block_on(publish).unwrap();
    assert_eq!(
        trace.take(),
        "event speaks speaks None 1 runtime::asynchronous::Asking"
    );
}

#[test]
fn a_publish_that_never_ends_can_be_left() {
    let bus = Bus::isolated()
        .subscribe("never", |_: &Shipped| pending::<()>())
        .build()
        .unwrap();
    let event = Shipped { id: 9 };
    let mut publishing = bus.publish(&event);
    for _ in 0..10 {
        assert!(poll_once(&mut publishing).is_pending());
    }
}
