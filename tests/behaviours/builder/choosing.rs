//! Choosing handlers: by function, by id, as closures.

use eventful::{Bus, Event, event, handler};

use crate::Trace;

#[event]
struct Paid {
    amount: u32,
}

#[event]
struct Refunded;

#[handler(Paid)]
fn charge(event: &Paid, trace: &Trace) {
    trace.add(format!("charge {}", event.amount));
}

#[handler(Paid, id = "paid.notify")]
fn notify(_: &Paid, trace: &Trace) {
    trace.add("notify");
}

#[handler(Refunded)]
fn refund(_: &Refunded, trace: &Trace) {
    trace.add("refund");
}

fn not_a_handler(_: &Paid) {}

fn full(trace: &Trace) -> Bus {
    Bus::isolated()
        .provide(trace.clone())
        .with(charge)
        .with(notify)
        .with(refund)
        .build()
        .unwrap()
}

fn publish(bus: &Bus, trace: &Trace) -> String {
    bus.publish(&Paid { amount: 5 }).unwrap();
    bus.publish(&Refunded).unwrap();
    trace.take().replace('\n', ", ")
}

#[handler(Paid)]
fn charge_abroad(_: &Paid, _: &Abroad) {}

struct Abroad;

#[test]
fn a_role_takes_the_handlers_it_wants_and_needs_only_their_resources() {
    let trace = Trace::default();
    let all = || {
        Bus::isolated()
            .with(charge)
            .with(notify)
            .with(refund)
            .with(charge_abroad)
            .subscribe("closure", |_: &Refunded| ())
    };
    let ids = |bus: &Bus| {
        let (paid, refunded) = (bus.handlers::<Paid>(), bus.handlers::<Refunded>());
        let all = paid.iter().chain(refunded.iter());
        all.map(|handler| handler.id().rsplit("::").next().unwrap_or_default())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let missing = all().provide(trace.clone()).build().unwrap_err();
    assert!(missing.to_string().contains("Abroad"), "{missing}");
    let by_id = all().retain(|subscription| subscription.id() == "paid.notify");
    let by_id = by_id.provide(trace.clone()).build().unwrap();
    assert_eq!(ids(&by_id), "paid.notify");
    let by_event = all().retain(|subscription| subscription.handles::<Refunded>());
    let by_event = by_event.provide(trace.clone()).build().unwrap();
    assert_eq!(ids(&by_event), "refund closure");
    let by_name = all().retain(|subscription| subscription.event_name() == Refunded::NAME);
    let by_name = by_name.provide(trace).build().unwrap();
    assert_eq!(ids(&by_name), "refund closure");
    let by_crate = all().retain(|subscription| subscription.crate_name() != "behaviours");
    assert_eq!(ids(&by_crate.build().unwrap()), "closure");
}

#[test]
fn a_role_of_the_program_is_not_held_to_contracts_of_others() {
    let bus = Bus::builder()
        .retain(|subscription| subscription.handles::<Refunded>())
        .provide(Trace::default())
        .build()
        .unwrap();
    assert!(bus.has_handlers::<Refunded>() && !bus.has_handlers::<Paid>());
}

#[test]
fn a_linked_builder_has_every_handler_of_the_program() {
    // Resources of other tests' handlers are missing here, and the error lists handlers of all modules.
    let error = Bus::builder().build().unwrap_err().to_string();
    for handler in [
        "builder::choosing::charge",
        "builder::choosing::notify",
        "resources::everything",
        "errors::failures::works",
    ] {
        let id = if handler == "builder::choosing::notify" {
            "paid.notify".to_owned()
        } else {
            format!("behaviours::{handler}")
        };
        assert!(error.contains(&id), "{id} is not in\n{error}");
    }
}

#[test]
fn replace_keeps_id_and_place_and_needs_no_resources() {
    let trace = Trace::default();
    let seen = trace.clone();
    let bus = Bus::isolated()
        .with(charge)
        .replace(charge, move |event| {
            seen.add(format!("instead of {}", event.amount));
        })
        .subscribe("later", |_: &Paid| {})
        .build()
        .unwrap();
    bus.publish(&Paid { amount: 9 }).unwrap();
    assert_eq!(trace.take(), "instead of 9");
    let handlers = bus.handlers::<Paid>();
    assert_eq!(handlers[0].id(), "behaviours::builder::choosing::charge");
    assert_eq!(handlers[1].id(), "later");
}

#[test]
fn replace_takes_a_function_and_one_that_fails() {
    fn broken(_: &Paid) -> Result<(), String> {
        Err(String::from("broken"))
    }

    let trace = Trace::default();
    let bus = full(&trace)
        .derive()
        .replace(charge, broken)
        .build()
        .unwrap();
    let error = bus.publish(&Paid { amount: 1 }).unwrap_err();
    assert_eq!(
        error.failures()[0].handler().id(),
        "behaviours::builder::choosing::charge"
    );
    assert_eq!(error.failures()[0].message(), "broken");
    assert_eq!(trace.take(), "notify");
}

#[test]
fn replace_by_id_also_replaces_closures() {
    let trace = Trace::default();
    let (first, second) = (trace.clone(), trace.clone());
    let bus = full(&trace)
        .derive()
        .subscribe("closure", |_: &Paid| {})
        .replace_id("closure", move |_: &Paid| first.add("closure"))
        .replace_id("paid.notify", move |_: &Paid| {
            second.add("instead of notify");
        })
        .build()
        .unwrap();
    assert_eq!(
        publish(&bus, &trace),
        "charge 5, instead of notify, closure, refund"
    );
}

#[test]
fn closures_are_handlers_like_others() {
    let trace = Trace::default();
    let seen = trace.clone();
    let bus = Bus::isolated()
        .subscribe("count", move |event: &Paid| {
            seen.add(format!("closure {}", event.amount));
        })
        .subscribe("fail", |_: &Paid| Err::<(), _>("no"))
        .build()
        .unwrap();
    let error = bus.publish(&Paid { amount: 2 }).unwrap_err();
    assert_eq!(trace.take(), "closure 2");
    assert_eq!(error.failures()[0].handler().id(), "fail");
    assert_eq!(error.failures()[0].handler().file(), file!());
    let derived = bus.derive().without_id("fail").build().unwrap();
    assert_eq!(derived.publish(&Paid { amount: 3 }).unwrap().handled(), 1);
}

#[test]
fn every_wrong_call_is_a_fault_that_names_its_line() {
    let line = line!() + 2;
    let error = Bus::isolated()
        .with(not_a_handler)
        .without(charge)
        .without(not_a_handler)
        .replace(refund, |_| {})
        .replace(not_a_handler, |_| {})
        .with_id("behaviours::builder::choosing::chargee")
        .without_id("nobody")
        .without_id("paid.notify")
        .with(notify)
        .replace_id("paid.notify", |_: &Refunded| {})
        .build()
        .unwrap_err();
    let text = error.to_string();
    let at = |offset: u32| format!("at {}:{}:10", file!(), line + offset);
    for expected in [
        format!(
            "`with` {} names `behaviours::builder::choosing::not_a_handler`, which is no linked handler; write",
            at(0)
        ),
        format!(
            "`without` {} names the handler behaviours::builder::choosing::charge (",
            at(1)
        ),
        format!(
            "`without` {} names `behaviours::builder::choosing::not_a_handler`, which is no linked handler",
            at(2)
        ),
        format!(
            "`replace` {} names the handler behaviours::builder::choosing::refund (",
            at(3)
        ),
        format!(
            "`replace` {} names `behaviours::builder::choosing::not_a_handler`",
            at(4)
        ),
        format!(
            "`with_id` {} names the id \"behaviours::builder::choosing::chargee\", but no handler with that id is linked or on this bus; did you \
             mean \"behaviours::builder::choosing::charge\"? write `eventful::link!()`",
            at(5)
        ),
        format!(
            "`without_id` {} names the id \"nobody\", but no handler with that id is linked or on this bus; the default id is",
            at(6)
        ),
        format!("`without_id` {} names the handler paid.notify (", at(7)),
        format!(
            "`replace_id` {} gives a closure over `behaviours::builder::choosing::Refunded` for the handler paid.notify",
            at(9)
        ),
    ] {
        assert!(text.contains(&expected), "{expected}\nis not in\n{text}");
    }
    assert!(
        text.contains("missing") || error.faults().len() == 10,
        "{text}"
    );
}

#[test]
fn an_unknown_id_is_told_which_one_may_have_been_meant() {
    let error = Bus::isolated()
        .provide(Trace::default())
        .with(notify)
        .subscribe("paid.archive", |_: &Paid| {})
        .with_id("paid.archiv")
        .without_id("paid.archiv")
        .without_id("chrage")
        .replace_id("paid.notfiy", |_: &Paid| {})
        .with_id("chrage")
        .build()
        .unwrap_err();
    let told: Vec<_> = error
        .faults()
        .iter()
        .map(|fault| {
            let text = fault.to_string();
            let (_, meant) = text.split_once("did you mean \"")?;
            Some(meant.split_once('"')?.0.to_owned())
        })
        .collect();
    let expected = [
        // Only what is linked can be added, and only what is on the bus be removed or replaced.
        None,
        Some("paid.archive"),
        None,
        Some("paid.notify"),
        Some("behaviours::builder::choosing::charge"),
    ];
    assert_eq!(told, expected.map(|id| id.map(str::to_owned)), "{error}");
}

#[test]
fn a_listing_is_complete_in_order_and_stays_as_it_was() {
    let trace = Trace::default();
    let bus = full(&trace);
    let before = bus.handlers::<Paid>().to_vec();
    assert_eq!(
        before
            .iter()
            .map(eventful::HandlerInfo::id)
            .collect::<Vec<_>>(),
        ["behaviours::builder::choosing::charge", "paid.notify"]
    );
    let derived = bus.derive().without(notify).build().unwrap();
    assert_eq!(bus.handlers::<Paid>(), before);
    assert_eq!(derived.handlers::<Paid>().len(), 1);
    assert!(
        Bus::isolated()
            .build()
            .unwrap()
            .handlers::<Paid>()
            .is_empty()
    );
    let debug = format!("{derived:?}");
    assert!(
        debug.contains("behaviours::builder::choosing::Paid")
            && debug.contains("behaviours::builder::choosing::charge"),
        "{debug}"
    );
    let weak = derived.downgrade();
    assert_eq!(format!("{weak:?}"), format!("WeakBus(Some({debug}))"));
    let debug = format!("{:?}", derived.derive());
    assert!(
        debug.starts_with("BusBuilder {")
            && debug.contains("behaviours::builder::choosing::charge"),
        "{debug}"
    );
    drop(derived);
    assert_eq!(format!("{weak:?}"), "WeakBus(None)");
}

#[test]
fn a_text_where_a_function_belongs_is_told_apart_from_one_that_is_no_handler() {
    let error = Bus::isolated()
        .without("paid.notify")
        .build()
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("is given a text, but takes the function itself; write `without_id("),
        "{error}"
    );
}

#[event]
struct Ordered;

#[handler(Ordered)]
fn été(_: &Ordered) {}

#[handler(Ordered, after = "e\u{301}te\u{301}")]
fn after_it(_: &Ordered) {}

#[test]
fn an_id_that_only_looks_like_that_of_a_handler_is_an_error_that_says_so() {
    let error = Bus::isolated()
        .with(été)
        .with(after_it)
        .without_id("e\u{301}te\u{301}")
        .build()
        .unwrap_err();
    let id = concat!(module_path!(), "::été");
    let said = format!(
        "did you mean {id:?}? both look the same, but the compiler composes the characters of names (NFC), and leaves those \
         of texts as they are; write"
    );
    assert_eq!(error.faults().len(), 2, "{error}");
    for fault in error.faults() {
        assert!(fault.to_string().contains(&said), "{fault}");
    }
}
