#![deny(warnings)]

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use eventful::{Bus, Delivery, event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

struct Generic<T: ?Sized>(T);

trait Mailer: Send + Sync {
    fn count(&self) -> &AtomicU64;
}

impl Mailer for AtomicU64 {
    fn count(&self) -> &AtomicU64 {
        self
    }
}

#[handler(OrderCreated)]
fn destructured(&OrderCreated { id }: &OrderCreated) {
    let _ = id;
}

#[handler(OrderCreated)]
fn bound(event @ OrderCreated { id: _ }: &OrderCreated, _: &u8) {
    let _ = event;
}

#[handler(OrderCreated)]
fn ignored(_: &OrderCreated, &small: &u8) {
    let _ = small;
}

#[handler(OrderCreated)]
fn mutable(mut event: &OrderCreated, mut small: &u8) {
    let _ = (event, small);
    (event, small) = (&OrderCreated { id: 0 }, &0);
    let _ = (event, small);
}

#[handler(OrderCreated)]
fn named<'event, 'resource: 'event>(event: &'event OrderCreated, mailer: &'resource dyn Mailer)
where
    'resource: 'event,
    u8: Debug,
{
    mailer.count().fetch_add(event.id, Ordering::Relaxed);
}

#[handler(OrderCreated)]
fn kinds(
    event: &OrderCreated,
    plain: &u8,
    optional: Option<&u16>,
    qualified: std::option::Option<&u8>,
    shared: &Arc<dyn Mailer>,
    trait_object: &(dyn Mailer + 'static),
    text: Option<&str>,
    slice: Option<&[u8]>,
    generic: Option<&Generic<Vec<Option<u8>>>>,
    bus: &Bus,
    delivery: &Delivery,
    function: Option<&fn(&u8) -> u8>,
    tuple: Option<&(u8, u16)>,
) -> Result<(), String> {
    let _ = (event, text, slice, generic, bus, function, tuple);
    assert_eq!((plain, optional, qualified), (&1, None, Some(&1)));
    assert_eq!(shared.count().as_ptr(), trait_object.count().as_ptr());
    assert!(delivery.handler().id().ends_with("kinds"));
    Ok(())
}

#[handler(OrderCreated)]
fn higher_ranked(
    _: &OrderCreated,
    closure: Option<&(dyn for<'a> Fn(&'a u8) -> &'a u8 + Sync)>,
    function: Option<&fn(&str) -> &str>,
) -> Result<(), &'static str> {
    let _ = (closure.is_some(), function);
    Ok(())
}

#[handler(OrderCreated)]
fn lints(
    #[allow(unused_variables)] event: &OrderCreated,
    #[expect(unused_variables)] resource: &u8,
) {
}

fn main() {
    let mailer: Arc<dyn Mailer> = Arc::new(AtomicU64::new(0));
    let bus = Bus::builder()
        .provide(1_u8)
        .provide_arc(Arc::clone(&mailer))
        .build()
        .unwrap();
    assert_eq!(bus.publish(&OrderCreated { id: 3 }).unwrap().handled(), 8);
    assert_eq!(mailer.count().load(Ordering::Relaxed), 3);
}
