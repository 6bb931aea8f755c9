//! Returned events of asynchronous publishes.

use std::future::{Future, pending, ready};
use std::pin::Pin;
use std::task::{Context, Waker};

use eventful::{Bus, Delivery, PublishError, event, handler};
use expect_test::expect;

use crate::Trace;
use crate::executor::{block_on, yield_now};

#[event(async)]
struct Ordered(u64);

#[event(async)]
struct Reserved;

#[event]
struct Counted;

#[event(async)]
struct Paid;

#[handler(Ordered, order = 1)]
async fn reserves(event: &Ordered, trace: &Trace) -> Result<(Reserved, Counted), String> {
    trace.add("reserves");
    yield_now().await;
    trace.add("has reserved");
    if event.0 == 0 {
        return Err("nothing to reserve".to_owned());
    }
    Ok((Reserved, Counted))
}

#[handler(Ordered, order = 2)]
fn counts(_: &Ordered, trace: &Trace) -> Counted {
    trace.add("counts");
    Counted
}

#[handler(Reserved)]
async fn pays(_: &Reserved, trace: &Trace, delivery: &Delivery) -> Paid {
    yield_now().await;
    trace.add(format!(
        "pays, caused by {}",
        delivery.cause().unwrap().event_name()
    ));
    Paid
}

#[handler(Counted)]
fn counted(_: &Counted, trace: &Trace, delivery: &Delivery) {
    trace.add(format!(
        "counted after {}",
        delivery.cause().unwrap().handler().id()
    ));
}

#[handler(Paid)]
async fn paid(_: &Paid, trace: &Trace, delivery: &Delivery) -> Result<(), String> {
    yield_now().await;
    trace.add(format!("{} causes", delivery.causes().len()));
    Err("no receipt".to_owned())
}

fn bus(trace: &Trace) -> Bus {
    Bus::isolated()
        .with(reserves)
        .with(counts)
        .with(pays)
        .with(counted)
        .with(paid)
        .provide(trace.clone())
        .build()
        .unwrap()
}

#[test]
fn events_of_both_kinds_follow_in_the_same_publish() {
    let trace = Trace::default();
    let error: PublishError = block_on(bus(&trace).publish(&Ordered(1))).unwrap_err();
    expect![[r"
        reserves
        has reserved
        counts
        pays, caused by behaviours::returned::asynchronous::Ordered
        counted after behaviours::returned::asynchronous::reserves
        counted after behaviours::returned::asynchronous::counts
        2 causes"]]
    .assert_eq(&trace.take());
    assert_eq!(
        (error.delivered().handled(), error.delivered().cascaded()),
        (2, 4)
    );
    let [failure] = error.failures() else {
        panic!("{error}");
    };
    assert_eq!(failure.message(), "no receipt");
    assert_eq!(failure.causes().len(), 2);
}

#[test]
fn what_fails_returns_nothing() {
    let trace = Trace::default();
    let error = block_on(bus(&trace).publish(&Ordered(0))).unwrap_err();
    assert_eq!(error.delivered().cascaded(), 1);
    assert_eq!(
        trace.take(),
        "reserves\nhas reserved\ncounts\ncounted after behaviours::returned::asynchronous::counts"
    );
}

#[test]
fn an_event_whose_handlers_are_all_synchronous_may_return_one_whose_are_not() {
    let trace = Trace::default();
    let bus = Bus::isolated()
        .subscribe("returns", |_: &Ordered| Reserved)
        .with(pays)
        .provide(trace.clone())
        .build()
        .unwrap();
    let delivered = block_on(bus.publish(&Ordered(1))).unwrap();
    assert_eq!(delivered.cascaded(), 2);
    assert_eq!(
        trace.take(),
        "pays, caused by behaviours::returned::asynchronous::Ordered"
    );
}

#[test]
fn closures_return_futures_of_events() {
    let trace = Trace::default();
    let bus = Bus::isolated()
        .subscribe("returns", |_: &Ordered| ready(vec![Counted, Counted]))
        .with(counted)
        .provide(trace.clone())
        .build()
        .unwrap();
    assert_eq!(block_on(bus.publish(&Ordered(1))).unwrap().cascaded(), 2);
    assert_eq!(trace.take(), "counted after returns\ncounted after returns");
}

#[test]
fn an_endless_cascade_of_both_kinds_ends() {
    #[event(async)]
    struct Again(bool);

    let bus = Bus::isolated()
        .subscribe("now", |event: &Again| Again(!event.0))
        .subscribe("later", |event: &Again| {
            let is_even = event.0;
            async move {
                yield_now().await;
                is_even.then_some(Again(false))
            }
        })
        .cascade_limit(50)
        .build()
        .unwrap();
    let error = block_on(bus.publish(&Again(true))).unwrap_err();
    assert!(error.refusal().unwrap().is_cascade_limit());
    assert_eq!(error.delivered().cascaded(), 50);
}

#[test]
fn a_nested_publish_in_a_returned_event_is_no_deeper_than_one_in_the_first() {
    let bus = Bus::isolated()
        .subscribe("returns", |_: &Ordered| Reserved)
        .subscribe("waits", |_: &Reserved| async {
            yield_now().await;
            Counted.publish().map(|_| ())
        })
        .nesting_limit(2)
        .build()
        .unwrap();
    assert!(block_on(bus.publish(&Ordered(1))).is_ok());
}

#[test]
fn a_publish_that_is_dropped_forgets_the_events_that_were_still_to_come() {
    let trace = Trace::default();
    let bus = Bus::isolated()
        .subscribe("returns", |_: &Ordered| (Reserved, Counted))
        .subscribe("for_ever", |_: &Reserved| pending::<()>())
        .with(counted)
        .provide(trace.clone())
        .build()
        .unwrap();
    let event = Ordered(1);
    let mut publishing = bus.publish(&event);
    let mut context = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut publishing).poll(&mut context).is_pending());
    drop(publishing);
    assert_eq!(trace.take(), "");
}

#[test]
fn returned_events_are_dropped_on_the_bus_that_publishes_them() {
    #[event]
    struct Ends;

    #[event(async)]
    struct EndsLater;

    impl Drop for Ends {
        fn drop(&mut self) {
            Counted.publish().unwrap();
        }
    }

    impl Drop for EndsLater {
        fn drop(&mut self) {
            Counted.publish().unwrap();
        }
    }

    let trace = Trace::default();
    let bus = Bus::isolated()
        .subscribe("returns", |_: &Ordered| (Ends, EndsLater))
        .subscribe("waits", |_: &EndsLater| yield_now())
        .subscribe("counted", {
            let trace = trace.clone();
            move |_: &Counted| trace.add("counted")
        })
        .build()
        .unwrap();
    block_on(bus.publish(&Ordered(1))).unwrap();
    assert_eq!(trace.take(), "counted\ncounted");
    let event = Ordered(1);
    let mut publishing = bus.publish(&event);
    let mut context = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut publishing).poll(&mut context).is_pending());
    assert_eq!(trace.take(), "counted");
    drop(publishing);
    assert_eq!(trace.take(), "counted");
}
