#![deny(deprecated)]

use eventful::{Bus, event, handler, handlers};

#[cfg(any())]
#[event]
struct Never;

#[event]
#[cfg(any())]
struct NeverEither;

#[event]
#[cfg(all())]
struct Always {
    #[cfg(any())]
    never: Missing,
    #[cfg(all())]
    always: u64,
}

#[cfg_attr(all(), event)]
struct Sometimes;

#[cfg_attr(any(), event)]
struct Plain;

#[cfg(any())]
#[handler(Always)]
fn never(event: &Missing) {}

#[handler(Always)]
#[cfg(any())]
fn never_either(event: &Missing) {}

#[handler(Always)]
#[cfg(all())]
fn always(event: &Always) -> Result<(), String> {
    Err(event.always.to_string())
}

#[handler(Always)]
#[cfg(any())]
fn twice(_: &Always, _: &u64) {}

#[handler(Always)]
#[cfg(not(any()))]
fn twice(_: &Always) {}

/// Each condition stands in a `cfg_attr`.
#[event]
#[cfg_attr(all(), cfg(any()))]
struct NeverByAttribute {
    never: Missing,
}

#[handler(Always)]
#[cfg_attr(all(), cfg_attr(all(), inline, cfg(any())))]
fn never_by_attribute(event: &Missing) {}

#[handler(Always)]
#[cfg_attr(any(), cfg(any()))]
fn always_by_attribute(_: &Always) {}

struct Cache;

#[handlers]
impl Cache {
    #[handler(Always)]
    #[cfg_attr(all(), cfg(any()))]
    fn never_by_attribute(&self, event: &Missing) {}

    #[handler(Always)]
    #[cfg_attr(any(), cfg(any()))]
    #[cfg_attr(all(), deprecated)]
    fn always_by_attribute(&self, _: &Always) {}
}

#[handlers]
#[cfg_attr(all(), cfg(any()))]
impl Missing {
    #[handler(Always)]
    fn never(&self, _: &Always) {}
}

fn main() {
    let bus = Bus::builder().provide(Cache).build().unwrap();
    let error = bus.publish(&Always { always: 1 }).unwrap_err();
    assert_eq!(error.delivered().handled(), 4);
    bus.publish(&Sometimes).unwrap();
    let _ = Plain;
}
