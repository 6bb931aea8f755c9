//! Resources: how handlers get them, and the faults if they do not.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use eventful::wiring::WiredResource;
use eventful::{Bus, Delivery, WeakBus, event, handler};
use expect_test::expect;

use crate::Trace;
use crate::log_recorder::LogRecorder;

#[event]
struct Asked;

trait Speaker: Send + Sync {
    fn word(&self) -> String;
}

struct Loud(&'static str);

impl Speaker for Loud {
    fn word(&self) -> String {
        self.0.to_uppercase()
    }
}

struct Counter(AtomicU32);

#[handler(Asked)]
#[expect(clippy::too_many_arguments, reason = "one of each kind")]
fn everything(
    _: &Asked,
    trace: &Trace,
    speaker: &dyn Speaker,
    shared: &Arc<Mutex<u32>>,
    same: &Mutex<u32>,
    present: Option<&Counter>,
    absent: Option<&String>,
    slice: &[u8],
    bus: &Bus,
    delivery: &Delivery,
) {
    *shared.lock().unwrap() += 1;
    trace.add(format!(
        "{} {} {} {} {:?} {} {}",
        speaker.word(),
        *same.lock().unwrap(),
        present.map_or(0, |counter| counter.0.fetch_add(1, Ordering::Relaxed)),
        absent.is_none(),
        slice,
        bus.handlers::<Asked>().len(),
        delivery.event_name(),
    ));
}

#[test]
fn every_kind_of_parameter_gets_what_was_provided() {
    let trace = Trace::default();
    let shared = Arc::new(Mutex::new(5_u32));
    let bus = Bus::isolated()
        .with(everything)
        .provide(trace.clone())
        .provide_arc::<dyn Speaker>(Arc::new(Loud("hey")))
        .provide_arc(Arc::clone(&shared))
        .provide(Counter(AtomicU32::new(7)))
        .provide_arc::<[u8]>(Arc::from([1, 2]))
        .build()
        .unwrap();
    bus.publish(&Asked).unwrap();
    bus.publish(&Asked).unwrap();
    assert_eq!(
        trace.take(),
        "HEY 6 7 true [1, 2] 1 behaviours::resources::Asked\nHEY 7 8 true [1, 2] 1 behaviours::resources::Asked"
    );
    assert_eq!(
        *shared.lock().unwrap(),
        7,
        "`&Arc<T>` and `&T` are the same resource"
    );
}

#[test]
fn resources_live_as_long_as_the_bus() {
    let resource = Arc::new(1_u8);
    let watch = Arc::downgrade(&resource);
    let bus = Bus::isolated().provide_arc(resource).build().unwrap();
    let derived = bus.derive().build().unwrap();
    drop(bus);
    assert!(watch.upgrade().is_some(), "the derived bus shares it");
    drop(derived);
    assert!(watch.upgrade().is_none());
}

#[test]
fn each_missing_resource_is_named_with_its_handler_and_what_to_write() {
    let error = Bus::isolated().with(everything).build().unwrap_err();
    let resources: Vec<_> = error
        .faults()
        .iter()
        .filter_map(eventful::WiringFault::resource)
        .collect();
    assert_eq!(
        resources,
        [
            "behaviours::trace::Trace",
            "dyn behaviours::resources::Speaker",
            "alloc::sync::Arc<std::sync::poison::mutex::Mutex<u32>>",
            "std::sync::poison::mutex::Mutex<u32>",
            "[u8]",
        ]
    );
    for fault in error.faults() {
        assert_eq!(
            fault.handler().expect("it is a handler's").id(),
            "behaviours::resources::everything"
        );
    }
    let text = error.to_string();
    for expected in [
        "handler behaviours::resources::everything (",
        file!(),
        "needs the resource `&behaviours::trace::Trace`, which nothing provides; write `.provide(…)` with a `behaviours::trace::Trace`",
        "write `.provide_arc::<dyn behaviours::resources::Speaker>(…)` on the builder",
        "write `.provide_arc::<Mutex<u32>>(…)` on the builder",
        "write `.provide_arc::<[u8]>(…)` on the builder",
    ] {
        assert!(text.contains(expected), "{expected:?} is not in\n{text}");
    }
}

#[test]
fn a_resource_that_was_meant_and_is_another_type_is_named_with_its_line() {
    #[handler(Asked)]
    fn asks(_: &Asked, _: &Counter, _: &dyn Speaker, _: &Arc<Loud>, _: Option<&u8>) {}

    let first = line!() + 2;
    let error = Bus::isolated()
        .provide(Arc::new(Counter(AtomicU32::new(1))))
        .provide::<Box<dyn Speaker>>(Box::new(Loud("hey")))
        .provide(Loud("ho"))
        .with(asks)
        .build()
        .unwrap_err();
    let faults: Vec<_> = error.faults().iter().map(ToString::to_string).collect();
    let file = file!();
    let here = "behaviours::resources";
    let [counter, speaker, loud] = [0, 1, 2].map(|line| format!("from {file}:{}:10", first + line));
    for (fault, expected) in faults.iter().zip([
        format!("`&{here}::Counter`, which nothing provides, but the bus has `Arc<{here}::Counter>`, {counter}; write `.provide_arc(…)` there, which serves `&{here}::Counter`"),
        format!("`&dyn {here}::Speaker`, which nothing provides, but the bus has `Box<dyn {here}::Speaker>`, {speaker}; write `.provide_arc::<dyn {here}::Speaker>(Arc::from(…))` there"),
        format!("`&Arc<{here}::Loud>`, which nothing provides, but the bus has `{here}::Loud`, {loud}; write `.provide_arc(Arc::new(…))` there, which serves `&Arc<{here}::Loud>`"),
    ]) {
        assert!(fault.ends_with(&expected), "{fault}\n{expected}");
    }
    assert_eq!(faults.len(), 3);
}

#[test]
fn an_optional_resource_that_nothing_provides_is_logged_and_shown() {
    #[handler(Asked, id = "asks")]
    fn asks(_: &Asked, _: Option<&Counter>, _: Option<&Loud>, _: Option<&Bus>) {}

    let bus = Bus::isolated().with(asks).provide(Loud("hey"));
    let (first, at) = (Arc::new(Counter(AtomicU32::new(1))), line!() + 1);
    let bus = bus.provide(first);
    let program = Bus::isolated().with(asks).wiring().unwrap();
    let log = LogRecorder::record(|| {
        let bus = bus.build().unwrap();
        let wiring = bus.wiring();
        let resources = wiring.events()[0].handlers()[0].resources();
        let absent = resources.iter().map(WiredResource::is_absent);
        assert!(absent.eq([true, false, false]));
        let table = wiring.to_string();
        assert!(
            table.contains("Option<&Counter> (nothing provides it)"),
            "{table}"
        );
    });
    let but = format!(
        "the bus has `Arc<resources::Counter>`, from {}:{at}:19; write `.provide_arc(…)` there, which serves `&resources::Counter`",
        file!()
    );
    let line = format!(
        "DEBUG nothing provides an optional resource: handler=\"asks\" resource=resources::Counter but=\"{but}\""
    );
    let line = if cfg!(feature = "tracing") {
        &*line
    } else {
        ""
    };
    assert_eq!(log, line);
    assert!(
        !program.events()[0].handlers()[0].resources()[0].is_absent(),
        "it may still come"
    );
}

#[test]
fn a_resource_that_is_provided_twice_is_a_fault() {
    let first = line!() + 2;
    let error = Bus::isolated()
        .provide(Arc::new(1_u8))
        .provide_arc(Arc::new(2_u8))
        .build()
        .unwrap_err();
    assert_eq!(error.faults().len(), 1);
    assert_eq!(error.faults()[0].resource(), Some("alloc::sync::Arc<u8>"));
    let (file, second) = (file!(), first + 1);
    let expected = format!(
        "the resource `Arc<u8>` is provided twice, at {file}:{first}:10 and at {file}:{second}:10;"
    );
    assert!(error.to_string().contains(&expected), "{error}");
}

#[test]
fn what_is_always_there_cannot_be_provided() {
    let other = Bus::isolated().build().unwrap();
    let error = Bus::isolated().provide(other).build().unwrap_err();
    assert!(
        error.to_string().contains("`Bus` is provided at"),
        "{error}"
    );
}

struct Service {
    bus: WeakBus,
}

#[event]
struct Followed;

#[handler(Asked)]
fn ask_service(_: &Asked, service: &Service) {
    service
        .bus
        .upgrade()
        .expect("the bus that calls is there")
        .publish(&Followed)
        .unwrap();
}

#[handler(Followed)]
fn follow(_: &Followed, trace: &Trace) {
    trace.add("followed");
}

#[test]
fn a_service_publishes_on_the_bus_that_holds_it() {
    let trace = Trace::default();
    let made = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&made);
    let bus = Bus::isolated()
        .provide_with(move |bus| {
            counted.fetch_add(1, Ordering::Relaxed);
            assert!(bus.upgrade().is_none(), "the bus is not there yet");
            Service { bus }
        })
        .provide(trace.clone())
        .with(ask_service)
        .with(follow)
        .build()
        .unwrap();
    bus.publish(&Asked).unwrap();
    assert_eq!(trace.take(), "followed");

    // The derived bus has a service of its own, which publishes there.
    let derived = bus
        .derive()
        .replace(follow, |_: &Followed| {})
        .build()
        .unwrap();
    derived.publish(&Asked).unwrap();
    assert_eq!(trace.take(), "");
    assert_eq!(made.load(Ordering::Relaxed), 2);

    let watch = bus.downgrade();
    drop(bus);
    assert!(
        watch.upgrade().is_none(),
        "the service does not keep its bus alive"
    );
}

#[test]
fn a_derived_bus_may_replace_a_resource() {
    let (first, second) = (Trace::default(), Trace::default());
    let bus = Bus::isolated()
        .provide(first.clone())
        .with(follow)
        .build()
        .unwrap();
    let derived = bus.derive().provide(second.clone()).build().unwrap();
    derived.publish(&Followed).unwrap();
    assert_eq!(
        (first.take().as_str(), second.take().as_str()),
        ("", "followed")
    );
    bus.publish(&Followed).unwrap();
    assert_eq!(
        (first.take().as_str(), second.take().as_str()),
        ("followed", "")
    );
}

#[test]
fn replacing_a_shared_resource_replaces_both_ways_to_ask_for_it() {
    #[handler(Asked)]
    fn asks_for_the_arc(_: &Asked, shared: &Arc<u64>) {
        let _ = shared;
    }

    let bus = Bus::isolated()
        .provide_arc(Arc::new(1_u64))
        .with(asks_for_the_arc)
        .build()
        .unwrap();
    let error = bus.derive().provide(2_u64).build().unwrap_err();
    assert_eq!(error.faults()[0].resource(), Some("alloc::sync::Arc<u64>"));
}

#[test]
fn a_resource_that_is_missing_twice_is_told_once() {
    #[handler(Asked)]
    fn asks_twice(_: &Asked, first: &Loud, second: &Loud) {
        let _ = (first, second);
    }

    assert_eq!(
        Bus::isolated()
            .with(asks_twice)
            .build()
            .unwrap_err()
            .faults()
            .len(),
        1
    );
}

struct Server;

trait Template: Send + Sync {}

#[test]
fn r51_a_missing_resource_is_named_with_its_handler_when_the_bus_is_built() {
    #[event]
    struct Mailed;

    #[handler(Mailed)]
    fn send(_: &Mailed, _: &Server, _: &dyn Template, trace: &Trace) {
        trace.add("send");
    }

    #[handler(Mailed)]
    fn count(_: &Mailed, server: Option<&Server>, trace: &Trace) {
        trace.add(format!("count, with a server: {}", server.is_some()));
    }

    let (trace, builder) = Trace::with_bus();
    let error = builder.with(send).with(count).build().unwrap_err();
    trace.add_faults(&error, file!());
    let bus = Bus::isolated()
        .provide(trace.clone())
        .with(count)
        .build()
        .unwrap();
    trace.report(&bus.publish(&Mailed));
    expect![[r"
        handler behaviours::resources::send (AT) of `behaviours::resources::Mailed` needs the resource `&behaviours::resources::Server`, which nothing provides; write `.provide(…)` with a `behaviours::resources::Server` on the builder
        handler behaviours::resources::send (AT) of `behaviours::resources::Mailed` needs the resource `&dyn behaviours::resources::Template`, which nothing provides; write `.provide_arc::<dyn behaviours::resources::Template>(…)` on the builder
        count, with a server: false
        report: 1 handled"]]
    .assert_eq(&trace.take());
}
