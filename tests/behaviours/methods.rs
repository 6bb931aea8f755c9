//! Handlers that are methods, whose `self` the bus lends.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use eventful::{Bus, BusBuilder, Delivery, Event, HandlerInfo, event, handler, handlers};

use crate::Trace;
use crate::executor::{block_on, yield_now};

#[event]
struct OrderCreated(u32);

#[event]
struct OrderPaid(u32);

#[event(async)]
struct OrderShipped(u32);

struct Billing {
    currency: &'static str,
    total: AtomicU32,
}

/// The members between the handlers stay as they are written.
#[handlers]
impl Billing {
    #![deny(unused_mut)]

    /// Braces and comparisons in a value: none of them ends a member.
    const LIMIT: Option<[u32; 1 + 2]> = if 1 < 2 { Some([90; 3]) } else { None };

    fn new(currency: &'static str) -> Self {
        let total = AtomicU32::new(0);
        Self { currency, total }
    }

    /// Adds to the total.
    #[handler(OrderCreated)]
    #[inline]
    pub(crate) fn on_order(&self, event: &OrderCreated, trace: &Trace) {
        let total = self.total.fetch_add(event.0, Ordering::Relaxed) + event.0;
        trace.add(format!("{total} {}", self.currency));
    }

    fn is_too_much(amount: u32) -> bool {
        Self::LIMIT.is_some_and(|limit| limit[0] < amount)
    }

    #[handler(OrderPaid, after = audit, order = 3, id = "billing.paid")]
    fn on_paid<'a>(&'a self, OrderPaid(amount): &'a OrderPaid) -> Result<(), String> {
        if Self::is_too_much(*amount) {
            return Err(format!("{amount} {} is too much", self.currency));
        }
        self.total.fetch_sub(*amount, Ordering::Relaxed);
        Ok(())
    }

    #[eventful::handler(OrderShipped)]
    async fn on_shipped(&self, event: &OrderShipped, trace: &Trace, delivery: &Delivery) {
        trace.add(format!("{} begins", delivery.handler().id()));
        yield_now().await;
        trace.add(format!("shipped for {} {}", event.0, self.currency));
    }

    #[handler(OrderShipped, before = Self::on_shipped)]
    fn before_shipped(&self, _: &OrderShipped, this: &Arc<Self>, trace: &Trace) {
        assert!(std::ptr::eq(self, &raw const **this));
        trace.add("before");
    }

    #[handler(OrderShipped, after = [Billing::on_shipped, "behaviours::methods::Billing::before_shipped"])]
    #[cfg(test)]
    async fn after_shipped(&self, event: &OrderShipped) -> Result<(), String> {
        yield_now().await;
        Err(format!("{} was shipped", event.0))
    }

    #[cfg(any())]
    #[handler(OrderShipped)]
    fn not_there(&self, event: &NoSuchEvent) {}
}

#[handler(OrderPaid)]
fn audit(_: &OrderPaid, trace: &Trace) {
    trace.add("audited");
}

#[handler(OrderCreated, before = Billing::on_order)]
fn free_function(_: &OrderCreated, trace: &Trace) {
    trace.add("free");
}

fn billing() -> BusBuilder {
    Bus::isolated()
        .with(free_function)
        .with(audit)
        .with(Billing::on_order)
        .with(Billing::on_paid)
        .with(Billing::on_shipped)
        .with(Billing::before_shipped)
        .with(Billing::after_shipped)
}

fn full_ids<E: Event>(bus: &Bus) -> Vec<&'static str> {
    bus.handlers::<E>().iter().map(HandlerInfo::id).collect()
}

#[test]
fn several_handlers_of_several_events_are_lent_one_self() {
    let trace = Trace::default();
    let billing_of_the_bus = Arc::new(Billing::new("EUR"));
    let bus = billing()
        .provide(trace.clone())
        .provide_arc(Arc::clone(&billing_of_the_bus))
        .build()
        .unwrap();

    bus.publish(&OrderCreated(40)).unwrap();
    bus.publish(&OrderCreated(5)).unwrap();
    assert_eq!(trace.take(), "free\n40 EUR\nfree\n45 EUR");
    bus.publish(&OrderPaid(15)).unwrap();
    assert_eq!(trace.take(), "audited");
    assert_eq!(billing_of_the_bus.total.load(Ordering::Relaxed), 30);

    let error = bus.publish(&OrderPaid(91)).unwrap_err();
    assert_eq!(error.failures().len(), 1);
    assert_eq!(error.failures()[0].handler().id(), "billing.paid");
    assert_eq!(error.failures()[0].message(), "91 EUR is too much");
}

#[test]
fn asynchronous_methods_are_awaited_in_their_order() {
    let trace = Trace::default();
    let bus = billing()
        .provide(trace.clone())
        .provide_arc(Arc::new(Billing::new("EUR")))
        .build()
        .unwrap();
    let error = block_on(bus.publish(&OrderShipped(7))).unwrap_err();
    assert_eq!(
        trace.take(),
        "before\nbehaviours::methods::Billing::on_shipped begins\nshipped for 7 EUR"
    );
    assert_eq!(error.failures()[0].message(), "7 was shipped");
    assert_eq!(error.delivered().handled(), 3);
}

#[test]
fn an_id_is_the_module_path_the_type_and_the_method() {
    let bus = billing()
        .provide(Trace::default())
        .provide_arc(Arc::new(Billing::new("EUR")))
        .build()
        .unwrap();
    assert_eq!(
        full_ids::<OrderCreated>(&bus),
        [
            "behaviours::methods::free_function",
            "behaviours::methods::Billing::on_order"
        ]
    );
    assert_eq!(
        full_ids::<OrderPaid>(&bus),
        ["behaviours::methods::audit", "billing.paid"]
    );
    assert_eq!(
        full_ids::<OrderShipped>(&bus),
        [
            "behaviours::methods::Billing::before_shipped",
            "behaviours::methods::Billing::on_shipped",
            "behaviours::methods::Billing::after_shipped"
        ]
    );
}

#[test]
fn the_position_is_that_of_the_methods_name() {
    struct Positioned(u32);

    const LINE_BEFORE: u32 = line!();
    #[handlers]
    impl Positioned {
        #[handler(OrderCreated)]
        fn on_order(&self, event: &OrderCreated) {
            assert_eq!(event.0, self.0);
        }
    }

    let bus = Bus::isolated()
        .with(Positioned::on_order)
        .provide(Positioned(1))
        .build()
        .unwrap();
    let handler = bus.handlers::<OrderCreated>()[0];
    assert_eq!(
        (handler.file(), handler.line(), handler.column()),
        (file!(), LINE_BEFORE + 4, 12)
    );
}

#[test]
fn a_missing_self_is_named_as_a_missing_resource() {
    let error = billing().provide(Trace::default()).build().unwrap_err();
    let resources: Vec<_> = error
        .faults()
        .iter()
        .filter_map(eventful::WiringFault::resource)
        .collect();
    // Five methods need `&Billing`, one of them the `&Arc<Billing>` as well.
    assert_eq!(resources.len(), 6);
    assert_eq!(resources[0], "behaviours::methods::Billing");
    let text = error.to_string();
    for expected in [
        "handler behaviours::methods::Billing::on_order (",
        "needs the resource `&behaviours::methods::Billing`, which nothing provides; write `.provide(…)` with a \
         `behaviours::methods::Billing`",
    ] {
        assert!(text.contains(expected), "{expected:?} is not in\n{text}");
    }
}

#[test]
fn a_method_is_added_and_removed_by_its_path_and_replaced_by_its_id() {
    let bus = Bus::isolated()
        .with(Billing::on_order)
        .provide(Trace::default())
        .provide(Billing::new("EUR"))
        .build()
        .unwrap();
    assert_eq!(bus.publish(&OrderCreated(1)).unwrap().handled(), 1);
    let without = bus.derive().without(Billing::on_order).build().unwrap();
    assert_eq!(without.publish(&OrderCreated(1)).unwrap().handled(), 0);

    let seen = Arc::new(Mutex::new(0));
    let kept = Arc::clone(&seen);
    let replaced = bus
        .derive()
        .replace_id(
            "behaviours::methods::Billing::on_order",
            move |event: &OrderCreated| {
                *kept.lock().unwrap_or_else(PoisonError::into_inner) = event.0;
            },
        )
        .build()
        .unwrap();
    replaced.publish(&OrderCreated(8)).unwrap();
    assert_eq!(*seen.lock().unwrap(), 8);
}

#[test]
fn a_method_that_is_no_handler_is_a_fault() {
    let error = Bus::isolated()
        .with(Billing::is_too_much)
        .build()
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("behaviours::methods::Billing::is_too_much"),
        "{error}"
    );
}

struct Cache<T, const N: usize>([T; N]);

#[handlers]
impl Cache<u8, 1> {
    #[handler(OrderCreated)]
    fn update(&self, _: &OrderCreated, trace: &Trace) {
        trace.add(format!("byte {}", self.0[0]));
    }
}

#[handlers]
impl Cache<&'static str, { 1 + 1 }> {
    #[handler(OrderCreated, after = Cache::<u8, 1>::update)]
    fn update(&self, _: &OrderCreated, trace: &Trace) {
        trace.add(format!("text {}", self.0[1]));
    }
}

#[test]
fn a_generic_type_has_a_block_for_each_concrete_one() {
    let trace = Trace::default();
    let bus = Bus::isolated()
        .with(Cache::<&'static str, 2>::update)
        .with(Cache::<u8, 1>::update)
        .provide(trace.clone())
        .provide(Cache([3_u8]))
        .provide(Cache(["a", "b"]))
        .build()
        .unwrap();
    bus.publish(&OrderCreated(1)).unwrap();
    assert_eq!(trace.take(), "byte 3\ntext b");
    assert_eq!(
        full_ids::<OrderCreated>(&bus),
        [
            "behaviours::methods::Cache<u8, 1>::update",
            "behaviours::methods::Cache<&'static str, {1 + 1}>::update"
        ]
    );
}

mod elsewhere {
    use eventful::handlers;

    use super::OrderCreated;

    #[handlers]
    impl super::Billing {
        #[handler(OrderCreated)]
        pub(super) fn r#try(&self, _: &OrderCreated) {
            assert_eq!(self.currency, "EUR");
        }
    }
}

#[test]
fn a_block_may_stand_in_another_module() {
    let bus = Bus::isolated()
        .with(Billing::r#try)
        .provide(Billing::new("EUR"))
        .build()
        .unwrap();
    assert_eq!(
        full_ids::<OrderCreated>(&bus),
        ["behaviours::methods::elsewhere::Billing::try"]
    );
}
