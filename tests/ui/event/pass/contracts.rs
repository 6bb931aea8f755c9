#![deny(warnings)]

use eventful::{Bus, event, handler};

#[event(handlers = 1)]
struct Exactly;

#[event(handlers = 1..)]
struct AtLeast;

#[event(handlers = ..=1)]
struct AtMost;

#[event(handlers = 1..=2)]
struct Between;

#[event(handlers = 1..3)]
struct Below;

#[event(handlers = 0)]
struct Nobody;

#[event(async, handlers = 0x1.., concurrent)]
struct Asynchronous;

#[event(handlers = ..2)]
struct Generic<T>(T);

#[handler(Exactly, AtLeast, AtMost, Between, Below, Asynchronous, Generic<u8>)]
fn handle<E>(_: &E) {}

fn main() {
    let bus = Bus::builder().build().unwrap();
    assert_eq!(bus.publish(&Exactly).unwrap().handled(), 1);
    assert_eq!(bus.publish(&AtLeast).unwrap().handled(), 1);
    assert_eq!(bus.publish(&AtMost).unwrap().handled(), 1);
    assert_eq!(bus.publish(&Between).unwrap().handled(), 1);
    assert_eq!(bus.publish(&Below).unwrap().handled(), 1);
    assert_eq!(bus.publish(&Nobody).unwrap().handled(), 0);
    assert_eq!(bus.publish(&Generic(1_u8)).unwrap().handled(), 1);
    drop(bus.publish(&Asynchronous));
}
