//! The bus of an ambient publish. The default bus of a process has test programs of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use eventful::{Bus, event, handler};

use crate::Trace;

#[event]
struct Outer;

#[event]
struct Inner;

#[handler(Outer)]
fn publish_ambiently(_: &Outer) -> Result<(), eventful::PublishError> {
    Inner.publish().map(drop)
}

fn named(trace: &Trace, name: &'static str) -> Bus {
    let seen = trace.clone();
    Bus::isolated()
        .with(publish_ambiently)
        .subscribe("inner", move |_: &Inner| seen.add(name))
        .build()
        .unwrap()
}

#[test]
fn an_ambient_publish_in_a_handler_stays_on_the_bus_that_delivers() {
    let trace = Trace::default();
    let (first, second) = (named(&trace, "first"), named(&trace, "second"));
    first.publish(&Outer).unwrap();
    second.publish(&Outer).unwrap();
    second.scope(|| first.publish(&Outer)).unwrap();
    assert_eq!(trace.take(), "first\nsecond\nfirst");
}

#[test]
fn the_innermost_scope_wins_and_is_left_again() {
    let trace = Trace::default();
    let (first, second) = (named(&trace, "first"), named(&trace, "second"));
    let result = first.scope(|| {
        Inner.publish().unwrap();
        second.scope(|| Inner.publish().unwrap());
        Inner.publish().unwrap();
        "the body's value"
    });
    assert_eq!(result, "the body's value");
    assert_eq!(trace.take(), "first\nsecond\nfirst");
}

#[test]
fn a_scope_in_a_handler_is_inside_of_the_delivery() {
    let trace = Trace::default();
    let other = named(&trace, "other");
    let bus = Bus::isolated()
        .subscribe("outer", move |_: &Outer| {
            other.scope(|| Inner.publish().map(drop))
        })
        .build()
        .unwrap();
    bus.publish(&Outer).unwrap();
    assert_eq!(trace.take(), "other");
}

#[test]
fn a_panic_leaves_the_scope() {
    let trace = Trace::default();
    let (first, second) = (named(&trace, "first"), named(&trace, "second"));
    first.scope(|| {
        catch_unwind(AssertUnwindSafe(|| second.scope(|| panic!("leave")))).unwrap_err();
        Inner.publish().unwrap();
    });
    assert_eq!(trace.take(), "first");
}

#[test]
fn a_thread_is_in_no_scope_of_another_and_can_be_given_the_bus() {
    let trace = Trace::default();
    let bus = named(&trace, "carried");
    bus.scope(|| {
        let current = Bus::current().unwrap();
        thread::spawn(move || {
            // This program's default bus lacks resources, so outside of a scope there is none.
            assert!(Bus::current().is_err());
            current.scope(|| Inner.publish().unwrap());
        })
        .join()
        .unwrap();
    });
    assert_eq!(trace.take(), "carried");
}

#[test]
fn a_local_that_publishes_while_the_thread_ends_is_safe() {
    thread_local! {
        static LAST: std::cell::RefCell<Option<PublishesOnDrop>> = const { std::cell::RefCell::new(None) };
    }

    struct PublishesOnDrop(Bus);

    impl Drop for PublishesOnDrop {
        fn drop(&mut self) {
            self.0.publish(&Outer).unwrap();
        }
    }

    let trace = Trace::default();
    let bus = named(&trace, "at the end");
    thread::spawn(move || LAST.with(|last| *last.borrow_mut() = Some(PublishesOnDrop(bus))))
        .join()
        .unwrap();
    assert_eq!(trace.take(), "at the end");
}
