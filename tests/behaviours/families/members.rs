//! Families of events, handlers of several events, and the handlers of all events.

use eventful::{AnyEvent, Bus, Delivery, event, family, handler, handlers};
use expect_test::expect;

use crate::trace::{Trace, ids};

#[family]
trait Auditable {
    fn line(&self) -> String;
}

#[family]
trait Billable {
    fn cents(&self) -> u64;
}

#[event(as(dyn Auditable, dyn Billable))]
struct Ordered(u64);

impl Auditable for Ordered {
    fn line(&self) -> String {
        format!("ordered {}", self.0)
    }
}

impl Billable for Ordered {
    fn cents(&self) -> u64 {
        self.0 * 100
    }
}

#[event(as(dyn Auditable))]
struct Cancelled;

impl Auditable for Cancelled {
    fn line(&self) -> String {
        "cancelled".to_owned()
    }
}

#[event(as(dyn Auditable))]
struct Changed<T: Send + Sync + 'static>(T);

impl<T: Send + Sync + 'static> Auditable for Changed<T> {
    fn line(&self) -> String {
        format!("changed {}", size_of::<T>())
    }
}

#[event]
struct Private;

#[handler(dyn Auditable, order = 5)]
fn audit(event: &dyn Auditable, trace: &Trace, delivery: &Delivery) {
    trace.add(format!(
        "audit {} of {}",
        event.line(),
        delivery.event_name()
    ));
}

#[handler(dyn Billable)]
fn bill(event: &dyn Billable, trace: &Trace) {
    trace.add(format!("bill {}", event.cents()));
}

#[handler(dyn AnyEvent, order = -5)]
fn trace_all(event: &dyn AnyEvent, trace: &Trace) {
    let number = event.downcast_ref::<Ordered>().map(|event| event.0);
    trace.add(format!(
        "{} {number:?} {}",
        event.event_name(),
        event.is::<Private>()
    ));
}

#[handler(Ordered)]
fn store(event: &Ordered, trace: &Trace) {
    trace.add(format!("store {}", event.0));
}

#[handler(Ordered, Cancelled, order = 9)]
fn several<E: Auditable>(event: &E, trace: &Trace) {
    trace.add(format!("several {}", event.line()));
}

fn bus(trace: &Trace) -> Bus {
    Bus::isolated()
        .with(audit)
        .with(bill)
        .with(trace_all)
        .with(store)
        .with(several::<Ordered>)
        .with(several::<Cancelled>)
        .provide(trace.clone())
        .build()
        .unwrap()
}

#[test]
fn handlers_of_events_families_and_all_events_run_in_one_order() {
    let trace = Trace::default();
    let bus = bus(&trace);
    assert_eq!(bus.publish(&Ordered(7)).unwrap().handled(), 5);
    expect![[r"
        behaviours::families::members::Ordered Some(7) false
        bill 700
        store 7
        audit ordered 7 of behaviours::families::members::Ordered
        several ordered 7"]]
    .assert_eq(&trace.take());
    assert_eq!(ids::<Ordered>(&bus), "trace_all bill store audit several");
    assert_eq!(bus.publish(&Cancelled).unwrap().handled(), 3);
    expect![[r"
        behaviours::families::members::Cancelled None false
        audit cancelled of behaviours::families::members::Cancelled
        several cancelled"]]
    .assert_eq(&trace.take());
    assert_eq!(bus.publish(&Private).unwrap().handled(), 1);
    assert_eq!(
        trace.take(),
        "behaviours::families::members::Private None true"
    );
}

#[test]
fn an_instantiation_that_nobody_names_is_a_member_all_the_same() {
    let trace = Trace::default();
    let bus = bus(&trace);
    assert!(bus.has_handlers::<Changed<u16>>());
    assert_eq!(bus.publish(&Changed(1_u16)).unwrap().handled(), 2);
    assert_eq!(bus.publish(&Changed(1_u32)).unwrap().handled(), 2);
    expect![[r"
        behaviours::families::members::Changed<u16> None false
        audit changed 2 of behaviours::families::members::Changed<u16>
        behaviours::families::members::Changed<u32> None false
        audit changed 4 of behaviours::families::members::Changed<u32>"]]
    .assert_eq(&trace.take());
}

mod unnamed {
    use super::*;

    /// Its type parameter has no name, and so the function none that tells its events apart.
    #[handler(Ordered, Cancelled)]
    fn each(event: &impl Auditable, trace: &Trace) {
        trace.add(event.line());
    }

    #[test]
    fn it_is_added_for_each_of_its_events() {
        let trace = Trace::default();
        let bus = Bus::isolated()
            .with_id("behaviours::families::members::unnamed::each")
            .with_id("behaviours::families::members::unnamed::each")
            .provide(trace.clone())
            .build()
            .unwrap();
        bus.publish(&Ordered(1)).unwrap();
        bus.publish(&Cancelled).unwrap();
        assert_eq!(trace.take(), "ordered 1\ncancelled");
    }
}

mod two_ways {
    use super::*;

    #[handler(Ordered, dyn Auditable, dyn Billable)]
    fn twice<E: Named + ?Sized>(event: &E, trace: &Trace) {
        trace.add(event.how());
    }

    trait Named {
        fn how(&self) -> &'static str;
    }

    impl Named for Ordered {
        fn how(&self) -> &'static str {
            "as the event"
        }
    }

    impl Named for dyn Auditable {
        fn how(&self) -> &'static str {
            "as auditable"
        }
    }

    impl Named for dyn Billable {
        fn how(&self) -> &'static str {
            "as billable"
        }
    }

    #[test]
    fn a_handler_that_is_reached_in_several_ways_runs_once() {
        let trace = Trace::default();
        let all = Bus::isolated()
            .with_id("behaviours::families::members::two_ways::twice")
            .provide(trace.clone())
            .build()
            .unwrap();
        assert_eq!(all.publish(&Ordered(1)).unwrap().handled(), 1);
        assert_eq!(trace.take(), "as the event");
        let families = all.derive().without(twice::<Ordered>).build().unwrap();
        assert_eq!(families.publish(&Ordered(1)).unwrap().handled(), 1);
        assert_eq!(trace.take(), "as auditable");
        let last = families
            .derive()
            .without(twice::<dyn Auditable>)
            .build()
            .unwrap();
        assert_eq!(last.publish(&Ordered(1)).unwrap().handled(), 1);
        assert_eq!(trace.take(), "as billable");
    }
}

mod constraints {
    use super::*;

    #[handler(Ordered, after = audit_first)]
    fn stores_after(_: &Ordered) {}

    #[handler(dyn Auditable, before = bills)]
    fn audit_first(_: &dyn Auditable) {}

    #[handler(dyn Billable)]
    fn bills(_: &dyn Billable) {}

    #[handler(dyn Auditable, after = hears_nothing_of_it)]
    fn misguided(_: &dyn Auditable) {}

    #[handler(Private)]
    fn hears_nothing_of_it(_: &Private) {}

    #[test]
    fn families_are_targets_and_have_them() {
        let bus = Bus::isolated()
            .with(bills)
            .with(stores_after)
            .with(audit_first)
            .build()
            .unwrap();
        assert_eq!(ids::<Ordered>(&bus), "audit_first stores_after bills");
        assert_eq!(ids::<Cancelled>(&bus), "audit_first");
    }

    #[test]
    fn a_target_that_handles_no_member_is_a_fault() {
        let error = Bus::isolated()
            .with(misguided)
            .with(hears_nothing_of_it)
            .build()
            .unwrap_err();
        expect![[r"
            the bus cannot be built, 1 fault:
              - handler behaviours::families::members::constraints::misguided (tests/behaviours/families/members.rs:232:8) of `dyn behaviours::families::members::Auditable` says `after = hears_nothing_of_it`, but that one handles `behaviours::families::members::Private`; name a handler of the same event, or remove the option"]].assert_eq(&error.to_string());
    }
}

mod asynchronous {
    use super::*;

    #[family(async)]
    trait Shipping {
        fn parcel(&self) -> u64;
    }

    #[event(async, as(dyn Shipping, dyn Auditable))]
    struct Shipped(u64);

    impl Shipping for Shipped {
        fn parcel(&self) -> u64 {
            self.0
        }
    }

    impl Auditable for Shipped {
        fn line(&self) -> String {
            "shipped".to_owned()
        }
    }

    #[event(async, as(dyn Shipping))]
    struct Returned;

    impl Shipping for Returned {
        fn parcel(&self) -> u64 {
            0
        }
    }

    #[handler(dyn Shipping)]
    async fn track(
        event: &dyn Shipping,
        trace: &Trace,
        delivery: &Delivery,
    ) -> Result<Option<Returned>, String> {
        tokio::task::yield_now().await;
        trace.add(format!(
            "track {} for {}",
            event.parcel(),
            delivery.handler().id()
        ));
        Ok((event.parcel() > 0).then_some(Returned))
    }

    #[handler(Shipped, Returned, order = 1)]
    async fn both<E: Shipping>(event: &E, trace: &Trace) {
        tokio::task::yield_now().await;
        trace.add(format!("both {}", event.parcel()));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_asynchronous_family_may_have_asynchronous_handlers() {
        let trace = Trace::default();
        let bus = Bus::isolated()
            .with(track)
            .with(audit)
            .with(both::<Shipped>)
            .with(both::<Returned>)
            .provide(trace.clone())
            .build()
            .unwrap();
        let delivered = bus.publish(&Shipped(3)).await.unwrap();
        assert_eq!((delivered.handled(), delivered.cascaded()), (3, 1));
        expect![[r"
            track 3 for behaviours::families::members::asynchronous::track
            both 3
            audit shipped of behaviours::families::members::asynchronous::Shipped
            track 0 for behaviours::families::members::asynchronous::track
            both 0"]]
        .assert_eq(&trace.take());
    }
}

mod methods {
    use super::*;

    struct Auditor {
        name: &'static str,
    }

    #[handlers]
    impl Auditor {
        #[handler(dyn Auditable)]
        fn audit(&self, event: &dyn Auditable, trace: &Trace) {
            trace.add(format!("{} sees {}", self.name, event.line()));
        }

        #[handler(Ordered, Cancelled, when = |event| event.line() != Self::ignored())]
        fn several<E: Auditable>(&self, event: &E, trace: &Trace) {
            trace.add(format!("{} also sees {}", self.name, event.line()));
        }

        fn ignored() -> &'static str {
            "cancelled"
        }
    }

    #[test]
    fn methods_handle_families_and_several_events() {
        let trace = Trace::default();
        let bus = Bus::isolated()
            .with(Auditor::audit)
            .with(Auditor::several::<Ordered>)
            .with(Auditor::several::<Cancelled>)
            .provide(Auditor { name: "auditor" })
            .provide(trace.clone())
            .build()
            .unwrap();
        bus.publish(&Ordered(4)).unwrap();
        assert_eq!(bus.publish(&Cancelled).unwrap().skipped(), 1);
        expect![[r"
            auditor sees ordered 4
            auditor also sees ordered 4
            auditor sees cancelled"]]
        .assert_eq(&trace.take());
    }
}

#[test]
fn builders_replace_and_subscribe_for_families() {
    let trace = Trace::default();
    let (first, second) = (trace.clone(), trace.clone());
    let bus = bus(&trace)
        .derive()
        .without(trace_all)
        .replace(audit, move |event| {
            first.add(format!("instead {}", event.line()));
        })
        .subscribe::<dyn Auditable, _, _>("closure", move |event| second.add(event.line()))
        .build()
        .unwrap();
    bus.publish(&Cancelled).unwrap();
    assert_eq!(
        trace.take(),
        "cancelled\ninstead cancelled\nseveral cancelled"
    );
}

#[test]
fn a_closure_for_an_event_and_one_for_its_family_are_two_handlers() {
    let trace = Trace::default();
    let (first, second) = (trace.clone(), trace.clone());
    let bus = Bus::isolated()
        .subscribe("event", move |_: &Cancelled| first.add("as itself"))
        .subscribe::<dyn Auditable, _, _>("family", move |_| second.add("as a member"))
        .build()
        .unwrap();
    bus.publish(&Cancelled).unwrap();
    assert_eq!(trace.take(), "as itself\nas a member");
}

#[test]
fn a_closure_for_all_events_is_a_catch_all() {
    let bus = Bus::isolated()
        .subscribe::<dyn AnyEvent, _, _>("all", |_| {})
        .build()
        .unwrap();
    assert_eq!(bus.publish(&Private).unwrap().handled(), 1);
    assert!(!bus.has_handlers::<Private>());
}

#[test]
fn what_fails_in_a_family_names_the_event() {
    let bus = Bus::isolated()
        .subscribe::<dyn Auditable, _, _>("fails", |event| Err::<(), _>(event.line()))
        .build()
        .unwrap();
    let error = bus.publish(&Ordered(2)).unwrap_err();
    assert_eq!(
        error.failures()[0].event_name(),
        "behaviours::families::members::Ordered"
    );
    assert_eq!(error.failures()[0].message(), "ordered 2");
}
