//! Values of the user's that panic when the bus drops them.

use std::fmt;

use eventful::{Bus, event};
use expect_test::expect;

use crate::executor::{block_on, poll_once};
use crate::log_recorder::LogRecorder;

#[event]
struct Begun;

#[event(fail_fast)]
struct Vetoed;

#[event(async)]
struct Started;

#[event(async)]
struct Waits;

#[event]
#[derive(Debug)]
struct Fragile(&'static str);

impl Drop for Fragile {
    fn drop(&mut self) {
        panic!("{}", self.0);
    }
}

impl fmt::Display for Fragile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl std::error::Error for Fragile {}

#[test]
fn an_event_that_panics_when_it_is_dropped_is_logged_wherever_the_bus_drops_it() {
    let bus = Bus::isolated()
        .subscribe("returns", |_: &Begun| Fragile("returned"))
        .subscribe("returns first", |_: &Vetoed| Fragile("vetoed"))
        .subscribe("vetoes", |_: &Vetoed| {
            (Fragile("forgotten"), Err::<(), _>("no"))
        })
        .subscribe("starts", |_: &Started| (Waits, Fragile("cut off")))
        .subscribe("waits", |_: &Waits| std::future::pending::<()>())
        .build()
        .unwrap();
    let log = LogRecorder::record(|| {
        assert_eq!(bus.publish(&Begun).unwrap().cascaded(), 1);
        bus.publish(&Vetoed).unwrap_err();

        let mut pending = bus.pending();
        pending.push(Fragile("pending"));
        pending.publish().unwrap();
        let mut pending = bus.pending_async();
        pending.push(Fragile("pending, asynchronous"));
        block_on(pending.publish()).unwrap();
        let mut discarded = bus.pending();
        discarded.push(Fragile("discarded"));
        drop(discarded);

        let mut publishing = Box::pin(bus.publish(&Started));
        assert!(poll_once(&mut publishing).is_pending());
        drop(publishing);
    });
    expect![[r#"
        ERROR value panicked when it was dropped: value=logging::drops::Fragile error="returned"
        DEBUG handler failed: event="logging::drops::Vetoed" handler="vetoes" error="no"
        ERROR value panicked when it was dropped: value=logging::drops::Fragile error="forgotten"
        ERROR value panicked when it was dropped: value=logging::drops::Fragile error="vetoed"
        ERROR value panicked when it was dropped: value=logging::drops::Fragile error="pending"
        ERROR value panicked when it was dropped: value=logging::drops::Fragile error="pending, asynchronous"
        DEBUG pending events discarded: discarded="logging::drops::Fragile"
        ERROR value panicked when it was dropped: value=logging::drops::Fragile error="discarded"
        WARN publish dropped half-way: event="logging::drops::Waits" cancelled="waits" never_started=""
        ERROR value panicked when it was dropped: value=logging::drops::Fragile error="cut off"
        WARN publish dropped before all returned events were published: event="logging::drops::Started" discarded="logging::drops::Fragile""#]].assert_eq(&log);
}

#[test]
fn an_error_or_a_payload_that_panics_when_it_is_dropped_is_logged() {
    let bus = Bus::isolated()
        .subscribe("fails", |_: &Begun| Err::<(), _>(Fragile("an error")))
        .subscribe("panics", |_: &Begun| -> () {
            std::panic::panic_any(Fragile("a payload"))
        })
        .build()
        .unwrap();
    let error = bus.publish(&Begun).unwrap_err();
    let log = LogRecorder::record(|| drop(error));
    expect![[r#"
        ERROR value panicked when it was dropped: value=Box<dyn Error + Send + Sync> error="an error"
        ERROR value panicked when it was dropped: value=Box<dyn Any + Send> error="a payload""#]].assert_eq(&log);
}
