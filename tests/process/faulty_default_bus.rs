//! A default bus that cannot be built, because a linked handler needs a resource.

use std::sync::atomic::{AtomicU32, Ordering};

use eventful::{Bus, event, handler};

#[event]
struct Happened;

struct Counter(AtomicU32);

#[handler(Happened)]
fn count(_: &Happened, counter: &Counter) {
    counter.0.fetch_add(1, Ordering::Relaxed);
}

// One test: the process has one default.
#[test]
fn every_publish_is_an_error_that_says_so_until_a_bus_is_installed() {
    for _ in 0..2 {
        let error = Happened.publish().unwrap_err();
        let wiring = error
            .refusal()
            .expect("it was refused")
            .wiring()
            .expect("for its wiring");
        assert_eq!(wiring.faults().len(), 1);
        assert_eq!(
            wiring.faults()[0]
                .handler()
                .expect("it is a handler's")
                .id(),
            "faulty_default_bus::count"
        );
        assert!(error.failures().is_empty());
        assert_eq!(error.delivered().handled(), 0);
        let text = error.to_string();
        for expected in [
            "`faulty_default_bus::Happened`, published at",
            "was not delivered: no bus is installed, and the default one, which has no resources, cannot be used",
            "handler faulty_default_bus::count (",
            "needs the resource `&faulty_default_bus::Counter`, which nothing provides",
            "write `eventful::bus!().provide(…).build()?.install()?` before the first publish; in a test, publish in \
             `bus.scope(|| …)`, or await `bus.scope_async(…)`; a thread or a task that is spawned leaves the scope",
        ] {
            assert!(text.contains(expected), "{expected:?} is not in\n{text}");
        }
    }
    assert!(Bus::current().is_err());

    Bus::builder()
        .provide(Counter(AtomicU32::new(0)))
        .build()
        .unwrap()
        .install()
        .unwrap();
    assert_eq!(Happened.publish().unwrap().handled(), 1);
}
