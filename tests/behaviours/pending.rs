//! Events that wait until they are told to be published.

use eventful::{Bus, Delivery, Pending, event, handler, mode};
use expect_test::expect;

use crate::Trace;
use crate::executor::{block_on, yield_now};

#[event]
struct Stored(u32);

#[event]
struct Billed;

#[handler(Stored)]
fn on_saved(event: &Stored, trace: &Trace) -> Result<Billed, String> {
    trace.add(format!("saved {}", event.0));
    if event.0 == 0 {
        return Err(String::from("nothing to save"));
    }
    Ok(Billed)
}

#[handler(Billed)]
fn on_billed(_: &Billed, delivery: &Delivery, trace: &Trace) {
    trace.add(format!("billed, of {} causes", delivery.causes().len()));
}

#[event]
struct Saved(u64);

#[event]
struct Indexed;

#[event(async)]
struct Mailed(u64);

#[handler(Saved)]
fn saved(event: &Saved, trace: &Trace, delivery: &Delivery) -> Result<Indexed, String> {
    trace.add(format!(
        "saved {} at line {}",
        event.0,
        delivery.published_at().line() - LINE
    ));
    if event.0 == 2 {
        return Err("two is not saved".to_owned());
    }
    Ok(Indexed)
}

#[handler(Indexed)]
fn indexed(_: &Indexed, trace: &Trace) {
    trace.add("indexed");
}

#[handler(Mailed)]
async fn mailed(event: &Mailed, trace: &Trace) {
    tokio::task::yield_now().await;
    trace.add(format!("mailed {}", event.0));
}

fn bus(trace: &Trace) -> Bus {
    Bus::isolated()
        .with(saved)
        .with(indexed)
        .with(mailed)
        .provide(trace.clone())
        .build()
        .unwrap()
}

const LINE: u32 = line!();

fn collect(pending: &mut Pending) {
    pending.push(Saved(1));
    pending.push(Saved(2));
    pending.push(Indexed);
}

#[test]
fn r21_pending_events_wait_until_they_are_published_and_then_come_in_their_order() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(on_saved).with(on_billed).build().unwrap();
    let mut pending = bus.pending();
    pending.push(Stored(0));
    pending.push(Billed);
    pending.push(Stored(1));
    trace.add(format!("{} wait", pending.len()));
    let error = pending.publish().unwrap_err();
    for result in error.results() {
        trace.report(result);
    }
    expect![[r"
        3 wait
        saved 0
        billed, of 0 causes
        saved 1
        billed, of 1 causes
        report: 1 handled; on_saved failed: nothing to save
        report: 1 handled
        report: 1 handled, 1 cascaded"]]
    .assert_eq(&trace.take());
}

#[test]
fn r21_pending_events_may_be_asynchronous_and_nest() {
    #[event(async)]
    struct Mailed(&'static str);

    #[handler(Mailed)]
    async fn on_mailed(event: &Mailed, trace: &Trace) {
        trace.add(format!("{} begins", event.0));
        yield_now().await;
        trace.add(format!("{} ends", event.0));
    }

    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(on_mailed).with(on_billed).build().unwrap();
    let (mut outer, mut inner) = (bus.pending_async(), bus.pending_async());
    outer.push(Mailed("first"));
    inner.push(Billed);
    inner.push(Mailed("last"));
    outer.append(inner);
    trace.add(format!("{} wait", outer.len()));
    for delivered in block_on(outer.publish()).unwrap() {
        trace.report(&Ok(delivered));
    }
    expect![[r"
        3 wait
        first begins
        first ends
        billed, of 0 causes
        last begins
        last ends
        report: 1 handled
        report: 1 handled
        report: 1 handled"]]
    .assert_eq(&trace.take());
}

#[test]
fn r23_pending_events_that_are_dropped_are_never_delivered() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder.with(on_billed).build().unwrap();
    let (mut kept, mut dropped) = (bus.pending(), bus.pending());
    kept.push(Billed);
    dropped.push(Billed);
    drop(dropped);
    trace.add("dropped");
    kept.publish().unwrap();
    trace.add("published");
    assert_eq!(bus.pending().publish().unwrap(), []);
    expect![[r"
        dropped
        billed, of 0 causes
        published"]]
    .assert_eq(&trace.take());
}

#[test]
fn nothing_is_delivered_until_publish_and_then_all_in_order() {
    let trace = Trace::default();
    let mut pending = bus(&trace).pending();
    assert!(pending.is_empty());
    collect(&mut pending);
    assert_eq!((pending.len(), pending.is_empty()), (3, false));
    assert_eq!(
        format!("{pending:?}"),
        r#"Pending["behaviours::pending::Saved", "behaviours::pending::Saved", "behaviours::pending::Indexed"]"#
    );
    assert_eq!(trace.take(), "");
    let error = pending.publish().unwrap_err();
    expect![[r"
        saved 1 at line 3
        indexed
        saved 2 at line 4
        indexed"]]
    .assert_eq(&trace.take());
    let [Ok(first), Err(second), Ok(third)] = error.results() else {
        panic!("{error}");
    };
    assert_eq!(
        (first.handled(), first.cascaded(), third.handled()),
        (1, 1, 1)
    );
    assert_eq!(second.published_at().line(), LINE + 4);
    assert_eq!(error.errors().count(), 1);
    expect![[r"
        failures in the publish of 1 of 3 pending events:
        1 of 1 handlers of `behaviours::pending::Saved`, published at tests/behaviours/pending.rs:76:13, failed
          handler behaviours::pending::saved (tests/behaviours/pending.rs:39:4) failed: two is not saved"]].assert_eq(&error.to_string());
    assert_eq!(error.into_results().len(), 3);
}

#[test]
fn events_are_dropped_on_the_bus_of_the_pending_ones() {
    #[event]
    struct Ends;

    impl Drop for Ends {
        fn drop(&mut self) {
            Indexed.publish().unwrap();
        }
    }

    let trace = Trace::default();
    let bus = bus(&trace);
    let mut discarded = bus.pending();
    discarded.push(Ends);
    drop(discarded);
    assert_eq!(trace.take(), "indexed");
    let mut published = bus.pending();
    published.push(Ends);
    published.publish().unwrap();
    assert_eq!(trace.take(), "indexed");
    let mut published = bus.pending_async();
    published.push(Ends);
    block_on(published.publish()).unwrap();
    assert_eq!(trace.take(), "indexed");
}

#[test]
fn an_aggregate_keeps_it_and_another_thread_publishes_it() {
    #[derive(Debug)]
    struct Order {
        pending: Pending,
    }

    let trace = Trace::default();
    let bus = bus(&trace);
    let mut order = Order {
        pending: bus.pending(),
    };
    let mut more = bus.pending();
    more.push(Indexed);
    order.pending.push(Saved(3));
    order.pending.append(more);
    let published = std::thread::spawn(move || order.pending.publish())
        .join()
        .unwrap();
    assert_eq!(published.unwrap().len(), 2);
    assert_eq!(trace.take().lines().count(), 3);
}

#[tokio::test]
async fn both_kinds_wait_together_and_go_into_a_task() {
    let trace = Trace::default();
    let mut pending: Pending<mode::Async> = bus(&trace).pending_async();
    assert_eq!((pending.len(), pending.is_empty()), (0, true));
    pending.push(Mailed(1));
    pending.push(Saved(3));
    pending.push(Mailed(2));
    assert_eq!((pending.len(), pending.is_empty()), (3, false));
    assert_eq!(
        format!("{pending:?}"),
        r#"Pending["behaviours::pending::Mailed", "behaviours::pending::Saved", "behaviours::pending::Mailed"]"#
    );
    let task = tokio::spawn(pending.publish());
    let delivered = task.await.unwrap().unwrap();
    assert_eq!(
        delivered
            .iter()
            .map(|delivered| delivered.cascaded())
            .collect::<Vec<_>>(),
        [0, 1, 0]
    );
    let trace = trace.take();
    let first_words = trace.lines().map(|line| &line[..7]).collect::<Vec<_>>();
    assert_eq!(first_words, ["mailed ", "saved 3", "indexed", "mailed "]);
}

#[tokio::test]
async fn a_failure_keeps_none_of_the_others_back() {
    let trace = Trace::default();
    let bus = bus(&trace);
    let mut pending = bus.pending_async();
    pending.push(Saved(2));
    pending.push(Mailed(4));
    let error = pending.publish().await.unwrap_err();
    assert!(matches!(error.results(), [Err(_), Ok(_)]));
    assert_eq!(trace.take().lines().last(), Some("mailed 4"));
}

#[cfg(feature = "tracing")]
mod logged {
    use std::future::Future;
    use std::task::{Context, Waker};

    use super::*;
    use crate::log_recorder::LogRecorder;

    #[test]
    fn a_rollback_is_a_debug_line() {
        let mut pending = bus(&Trace::default()).pending();
        collect(&mut pending);
        expect![[r#"DEBUG pending events discarded: discarded="behaviours::pending::Saved, behaviours::pending::Saved, behaviours::pending::Indexed""#]].assert_eq(&LogRecorder::record_with_positions(|| drop(pending)).join("\n"));
    }

    #[test]
    fn a_publish_that_is_dropped_says_what_was_still_to_come() {
        let bus = bus(&Trace::default());
        let mut pending = bus.pending_async();
        pending.push(Mailed(1));
        pending.push(Mailed(2));
        let log = LogRecorder::record_with_positions(|| {
            let mut publish = Box::pin(pending.publish());
            let mut context = Context::from_waker(Waker::noop());
            assert!(publish.as_mut().poll(&mut context).is_pending());
            drop(publish);
        });
        expect![[r#"
            WARN publish dropped half-way: event="behaviours::pending::Mailed" published_at=tests/behaviours/pending.rs:303:17 cancelled="behaviours::pending::mailed" never_started=""
            WARN publish of pending events dropped half-way: discarded="behaviours::pending::Mailed""#]].assert_eq(&log.join("\n"));
    }
}
