//! The current bus and the causes of a publish that waits.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::thread;

use eventful::{Bus, Delivery, PublishError, Publishing, event, handler};
use expect_test::expect;

use crate::Trace;
use crate::executor::{block_on, poll_once, yield_now};

#[event]
struct Note(&'static str);

#[handler(Note)]
fn write_down(event: &Note, delivery: &Delivery, trace: &Trace, name: &&'static str) {
    let causes: Vec<_> = delivery
        .causes()
        .iter()
        .map(|cause| {
            cause
                .handler()
                .id()
                .replace("behaviours::asynchronous::current::", "")
        })
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

fn noting(trace: &Trace, name: &'static str) -> Bus {
    Bus::isolated()
        .provide(trace.clone())
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
    let trace = Trace::default();
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
    let trace = Trace::default();
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
    let trace = Trace::default();
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

    let trace = Trace::default();
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

    let trace = Trace::default();
    let bus = Bus::isolated()
        .provide(trace.clone())
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

    let trace = Trace::default();
    let bus = Bus::isolated()
        .provide(trace.clone())
        .with(look)
        .with(publish_looked)
        .build()
        .unwrap();
    block_on(bus.publish(&Started)).unwrap();
    assert_eq!(trace.take(), "1\n1");
}
