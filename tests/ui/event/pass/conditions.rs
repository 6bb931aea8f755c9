use eventful::{Bus, event, handler};

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

fn main() {
    let bus = Bus::builder().build().unwrap();
    let error = bus.publish(&Always { always: 1 }).unwrap_err();
    assert_eq!(error.delivered().handled(), 2);
    bus.publish(&Sometimes).unwrap();
    let _ = Plain;
}
