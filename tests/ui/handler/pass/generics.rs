#![deny(warnings)]

use eventful::{Bus, Delivery, event, family, handler};

#[family(async)]
pub trait Auditable {
    fn id(&self) -> u64;
}

#[event(async, as(dyn Auditable))]
pub struct OrderCreated;

impl Auditable for OrderCreated {
    fn id(&self) -> u64 {
        1
    }
}

/// A lifetime in a bound is part of the function's type.
#[handler(OrderCreated, dyn Auditable)]
async fn bounded<'a, E: Auditable + ?Sized + 'a>(
    event: &'a E,
    delivery: &'a Delivery,
) -> Result<(), String>
where
    E: 'a,
{
    std::future::ready(delivery).await;
    Err(event.id().to_string())
}

#[handler(OrderCreated)]
fn synchronous<'a, E: Auditable + 'a>(event: &'a E, delivery: &'a Delivery) {
    let _ = (event.id(), delivery);
}

#[handler(dyn Auditable, when = |event| event.id() == 1)]
async fn unnamed(event: &(impl Auditable + ?Sized)) {
    std::future::ready(()).await;
    let _ = event.id();
}

#[handler(OrderCreated, after = synchronous::<E>, before = bounded::<E>)]
async fn constrained<E>(event: &E, references: Option<&Vec<&'static E>>)
where
    E: Auditable + Sync + 'static,
{
    let _ = (event.id(), references.is_some());
}

#[handler(OrderCreated)]
fn functions<E: Auditable>(
    event: &E,
    closure: Option<&(dyn Fn(&E) -> u64 + Sync)>,
    function: Option<&fn(&E)>,
) {
    let _ = (event.id(), closure.is_some(), function.is_some());
}

fn main() {
    let bus = Bus::builder().build().unwrap();
    drop(bus.publish(&OrderCreated));
    assert_eq!(bus.handlers::<OrderCreated>().len(), 5);
    let bus = Bus::isolated()
        .with(bounded::<OrderCreated>)
        .with(synchronous::<OrderCreated>);
    bus.build().unwrap();
}
