//! Events that wait until they are told to be published.

use std::sync::Arc;

use eventful::{Bus, Delivery, Pending, event, handler, mode};
use expect_test::expect;

use crate::Trace;
use crate::polling::block_on;

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

fn bus(trace: &Arc<Trace>) -> Bus {
    Bus::isolated()
        .with(saved)
        .with(indexed)
        .with(mailed)
        .provide_arc(Arc::clone(trace))
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
fn nothing_is_delivered_until_publish_and_then_all_in_order() {
    let trace = Arc::new(Trace::default());
    let mut pending = bus(&trace).pending();
    assert!(pending.is_empty());
    collect(&mut pending);
    assert_eq!((pending.len(), pending.is_empty()), (3, false));
    assert_eq!(
        format!("{pending:?}"),
        r#"Pending["runtime::pending::Saved", "runtime::pending::Saved", "runtime::pending::Indexed"]"#
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
        1 of 1 handlers of `runtime::pending::Saved`, published at tests/runtime/pending.rs:58:13, failed
          handler runtime::pending::saved (tests/runtime/pending.rs:21:4) failed: two is not saved"]].assert_eq(&error.to_string());
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

    let trace = Arc::new(Trace::default());
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
fn what_is_dropped_is_never_delivered() {
    let trace = Arc::new(Trace::default());
    let bus = bus(&trace);
    let mut pending = bus.pending();
    collect(&mut pending);
    drop(pending);
    assert_eq!(bus.pending().publish().unwrap(), []);
    assert_eq!(trace.take(), "");
}

#[test]
fn an_aggregate_keeps_it_and_another_thread_publishes_it() {
    #[derive(Debug)]
    struct Order {
        pending: Pending,
    }

    let trace = Arc::new(Trace::default());
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
    let trace = Arc::new(Trace::default());
    let mut pending: Pending<mode::Async> = bus(&trace).pending_async();
    assert_eq!((pending.len(), pending.is_empty()), (0, true));
    pending.push(Mailed(1));
    pending.push(Saved(3));
    pending.push(Mailed(2));
    assert_eq!((pending.len(), pending.is_empty()), (3, false));
    assert_eq!(
        format!("{pending:?}"),
        r#"Pending["runtime::pending::Mailed", "runtime::pending::Saved", "runtime::pending::Mailed"]"#
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
    let trace = Arc::new(Trace::default());
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
    use crate::log::Recorder;

    #[test]
    fn a_rollback_is_a_debug_line() {
        let mut pending = bus(&Arc::new(Trace::default())).pending();
        collect(&mut pending);
        expect![[r#"DEBUG message=pending events discarded discarded="runtime::pending::Saved, runtime::pending::Saved, runtime::pending::Indexed""#]].assert_eq(&Recorder::record(|| drop(pending)).join("\n"));
    }

    #[test]
    fn a_publish_that_is_dropped_says_what_was_still_to_come() {
        let bus = bus(&Arc::new(Trace::default()));
        let mut pending = bus.pending_async();
        pending.push(Mailed(1));
        pending.push(Mailed(2));
        let log = Recorder::record(|| {
            let mut publish = Box::pin(pending.publish());
            let mut context = Context::from_waker(Waker::noop());
            assert!(publish.as_mut().poll(&mut context).is_pending());
            drop(publish);
        });
        expect![[r#"
            WARN message=publish dropped half-way event="runtime::pending::Mailed" published_at=tests/runtime/pending.rs:216:17 cut_off="runtime::pending::mailed" never_started=""
            WARN message=publish of pending events dropped half-way discarded="runtime::pending::Mailed""#]].assert_eq(&log.join("\n"));
    }
}
