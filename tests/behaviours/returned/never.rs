//! `Infallible`, an event that never happens.

use std::convert::Infallible;

use eventful::wiring::WiredEvent;
use eventful::{Bus, Either, Event, event, handler};

#[event]
struct OrderCreated {
    wanted: u32,
}

#[event(async)]
struct OrderShipped;

#[event]
struct StockShort;

#[handler(OrderCreated)]
fn refuse(_: &OrderCreated) -> Result<Infallible, String> {
    Err("refused".to_owned())
}

#[handler(OrderCreated)]
fn check(event: &OrderCreated) -> Option<Either<StockShort, Infallible>> {
    (event.wanted > 2).then_some(Either::Left(StockShort))
}

#[handler(OrderShipped)]
async fn refuse_later(_: &OrderShipped) -> Result<Infallible, String> {
    Err("refused later".to_owned())
}

#[test]
fn a_handler_that_returns_no_event_only_fails() {
    let bus = Bus::isolated()
        .with(refuse)
        .with(refuse_later)
        .build()
        .unwrap();
    let error = bus.publish(&OrderCreated { wanted: 0 }).unwrap_err();
    assert_eq!(error.failures()[0].message(), "refused");
    let error = futures_lite::future::block_on(bus.publish(&OrderShipped)).unwrap_err();
    assert_eq!(error.failures()[0].message(), "refused later");
}

#[test]
fn the_wiring_shows_no_event_that_never_happens() {
    let bus = Bus::isolated()
        .with(refuse)
        .with(check)
        .subscribe("never", |_: &Infallible| ())
        .build()
        .unwrap();
    assert_eq!(Infallible::NAME, "core::convert::Infallible");
    assert!(bus.has_handlers::<Infallible>());
    let wiring = bus.wiring();
    let returned: Vec<_> = wiring
        .events()
        .iter()
        .flat_map(WiredEvent::handlers)
        .map(|handler| {
            (
                handler.id().rsplit("::").next().unwrap(),
                handler.returns().to_vec(),
            )
        })
        .filter(|(id, _)| ["refuse", "check"].contains(id))
        .collect();
    let short = StockShort::NAME.to_owned();
    assert_eq!(returned, [("refuse", vec![]), ("check", vec![short])]);
}

#[test]
fn what_may_be_any_event_may_be_none() {
    fn first<E: Event>(events: Vec<E>) -> Option<E> {
        events.into_iter().next()
    }

    let bus = Bus::isolated()
        .subscribe("none", |_: &OrderCreated| first(Vec::<Infallible>::new()))
        .build()
        .unwrap();
    let delivered = bus.publish(&OrderCreated { wanted: 1 }).unwrap();
    assert_eq!((delivered.handled(), delivered.cascaded()), (1, 0));
}
