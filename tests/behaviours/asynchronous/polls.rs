//! Polls of one publish, and what it waits for.

use std::future::{Future, pending, ready};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use eventful::{Bus, event, handler};
use expect_test::expect;

use crate::executor::{Wakes, block_on, poll_once, yield_now};
use crate::trace::Trace;

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

fn bus(trace: &Trace) -> Bus {
    Bus::isolated()
        .provide(trace.clone())
        .with(at_once)
        .with(later)
        .with(now_again)
        .with(now)
        .build()
        .unwrap()
}

#[test]
fn each_handler_comes_to_its_end_before_the_next_begins() {
    let trace = Trace::default();
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
    let (trace, gate) = (Trace::default(), Arc::clone(&is_open));
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
    let bus = bus(&Trace::default());
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

    let trace = Trace::default();
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
    let trace = Trace::default();
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

#[test]
fn closures_may_be_synchronous_or_return_a_future() {
    let trace = Trace::default();
    let add = {
        let trace = trace.clone();
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
    let ids = bus.handlers::<Shipped>().iter().map(|handler| {
        handler
            .id()
            .replace("behaviours::asynchronous::polls::", "")
    });
    assert_eq!(ids.collect::<Vec<_>>(), ["now", "later", "now", "later"]);
}
