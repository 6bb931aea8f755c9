//! Async closures that borrow the event, and what they have captured.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use eventful::{Bus, event, family, handler};

use crate::Trace;
use crate::executor::{block_on, yield_now};

#[event(async, as(dyn Addressed))]
struct OrderCreated {
    address: String,
}

#[event(async)]
struct OrderConfirmed {
    address: String,
}

#[event(async, with = Trace)]
struct OrderSaved(String);

#[family(async)]
trait Addressed {
    fn address(&self) -> &str;
}

impl Addressed for OrderCreated {
    fn address(&self) -> &str {
        &self.address
    }
}

#[handler(OrderCreated)]
async fn send_mail(_: &OrderCreated, _: &String) {}

fn order() -> OrderCreated {
    OrderCreated {
        address: "a@b.de".to_owned(),
    }
}

/// Something whose futures borrow it and the address.
struct Mailer(Trace);

impl Mailer {
    async fn send(&self, address: &str) -> Result<(), String> {
        self.0.add(format!("to {address}"));
        yield_now().await;
        self.0.add(format!("sent to {address}"));
        Err(format!("{address} is unknown"))
    }
}

#[test]
fn an_async_closure_borrows_the_event_and_what_it_has_captured() {
    let trace = Trace::default();
    let mailer = Arc::new(Mailer(trace.clone()));
    let confirmed = trace.clone();
    let bus = Bus::isolated()
        .subscribe_async("mail", async move |event: &OrderCreated| {
            mailer.send(&event.address).await
        })
        .subscribe_async("confirm", async |event: &OrderCreated| {
            let address = &event.address;
            yield_now().await;
            Some(OrderConfirmed {
                address: address.clone(),
            })
        })
        .subscribe("confirmed", move |event: &OrderConfirmed| {
            confirmed.add(format!("confirmed to {}", event.address));
        })
        .build()
        .unwrap();
    let error = block_on(bus.publish(&order())).unwrap_err();
    assert_eq!(error.failures().len(), 1);
    assert_eq!(error.failures()[0].message(), "a@b.de is unknown");
    assert_eq!(error.failures()[0].handler().id(), "mail");
    assert_eq!(
        trace.take(),
        "to a@b.de\nsent to a@b.de\nconfirmed to a@b.de"
    );
    let wiring = bus.wiring();
    let mut events = wiring.events().iter();
    let event = events
        .find(|event| event.name().ends_with("closures::OrderCreated"))
        .unwrap();
    let confirm = &event.handlers()[1];
    assert!(confirm.is_async());
    assert!(confirm.returns()[0].ends_with("closures::OrderConfirmed"));
}

async fn named(event: &OrderCreated) -> Result<(), String> {
    yield_now().await;
    Err(event.address.clone())
}

#[test]
fn an_async_function_and_a_closure_over_a_family_or_an_event_that_lends_will_do() {
    let bus = Bus::isolated()
        .subscribe_async("named", named)
        .subscribe_async("family", async |event: &dyn Addressed| {
            yield_now().await;
            Err::<(), _>(event.address().to_owned())
        })
        .subscribe_async("saved", async |event: &OrderSaved| {
            yield_now().await;
            Err::<(), _>(event.0.clone())
        })
        .build()
        .unwrap();
    let error = block_on(bus.publish(&order())).unwrap_err();
    let told = error.failures().iter();
    let told: Vec<_> = told
        .map(|failure| (failure.handler().id(), failure.message()))
        .collect();
    assert_eq!(told, [("named", "a@b.de"), ("family", "a@b.de")]);
    let saved = OrderSaved("saved".to_owned());
    let error = block_on(bus.publish_with(&saved, &Trace::default())).unwrap_err();
    assert_eq!(error.failures()[0].message(), "saved");
}

#[test]
fn an_async_closure_replaces_a_handler_by_its_function_or_its_id() {
    let bus = Bus::isolated()
        .with(send_mail)
        .replace_async(send_mail, async |event: &OrderCreated| {
            yield_now().await;
            Err::<(), _>(event.address.clone())
        })
        .build()
        .unwrap();
    let error = block_on(bus.publish(&order())).unwrap_err();
    assert_eq!(error.failures()[0].message(), "a@b.de");
    let id = error.failures()[0].handler().id();
    assert!(id.ends_with("closures::send_mail"), "{id}");
    let again = bus.derive().replace_id_async(id, named).build().unwrap();
    let error = block_on(again.publish(&order())).unwrap_err();
    assert_eq!(error.failures()[0].message(), "a@b.de");
    let error = Bus::isolated()
        .replace_async(send_mail, named)
        .replace_id_async("nobody", named)
        .build()
        .unwrap_err();
    let faults: Vec<String> = error.faults().iter().map(ToString::to_string).collect();
    assert!(faults[0].starts_with("`replace_async` at "), "{faults:?}");
    assert!(
        faults[1].starts_with("`replace_id_async` at "),
        "{faults:?}"
    );
}

/// Counts its clones, and panics when there is one too many.
struct Cloned(Arc<AtomicUsize>);

impl Clone for Cloned {
    fn clone(&self) -> Self {
        let clones = self.0.fetch_add(1, Ordering::Relaxed);
        assert!(clones < 2, "no more clones");
        Self(Arc::clone(&self.0))
    }
}

#[test]
fn each_call_takes_one_clone_and_one_that_panics_is_a_failure() {
    let clones = Arc::new(AtomicUsize::new(0));
    let captured = Cloned(Arc::clone(&clones));
    let bus = Bus::isolated()
        .subscribe_async("clones", async move |_: &OrderCreated| {
            // All of it, and not only the field.
            let all = &captured;
            yield_now().await;
            drop(Arc::clone(&all.0));
        })
        .build()
        .unwrap();
    assert_eq!(clones.load(Ordering::Relaxed), 0);
    for expected in [1, 2] {
        block_on(bus.publish(&order())).unwrap();
        assert_eq!(clones.load(Ordering::Relaxed), expected);
    }
    let error = block_on(bus.publish(&order())).unwrap_err();
    assert!(error.failures()[0].is_panic());
    assert_eq!(error.failures()[0].message(), "no more clones");
    // Only the closure of the bus is left.
    assert_eq!(Arc::strong_count(&clones), 2);
}
