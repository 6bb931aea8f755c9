//! The types that `with = …` takes, wherever it is written.

use std::collections::HashMap;

use eventful::{Bus, event, handler};

mod web {
    pub(crate) struct User(pub(crate) u8);

    pub(crate) mod orders {
        #[eventful::event(with = super::User, fail_fast)]
        pub(crate) struct OrderCreated;
    }
}

#[event(with = HashMap<String, Vec<(u8, u16)>>, name = "map")]
struct LendsAMap;

#[event(handlers = 1.., with = mut HashMap<String, u8>, fail_fast)]
struct LendsAMapMutably;

#[event(with = mut (u8, [u8; 2]),)]
struct LendsATuple;

#[event(with = fn(&str) -> usize)]
struct LendsAFunction;

macro_rules! lends {
    ($name:ident, $lent:ty, $path:path) => {
        #[event(with = mut $lent)]
        struct $name;

        #[handler]
        fn add(_: &$name, lent: &mut $path) {
            *lent += 1;
        }
    };
}

lends!(LendsAFragment, u8, u8);

#[handler(web::orders::OrderCreated)]
fn user(_: &web::orders::OrderCreated, user: &'_ web::User) {
    assert_eq!(user.0, 7);
}

#[handler]
fn map(_: &LendsAMap, map: &HashMap<String, Vec<(u8, u16)>>) {
    assert!(map.is_empty());
}

#[handler]
fn map_mutably<'a>(_: &'a LendsAMapMutably, map: &'a mut HashMap<String, u8>) {
    map.insert(String::from("key"), 1);
}

#[handler]
fn tuple(_: &LendsATuple, (number, [_, last]): &mut (u8, [u8; 2])) {
    *number += *last;
}

#[handler]
fn function(_: &LendsAFunction, function: &fn(&str) -> usize) {
    assert_eq!(function("seven"), 5);
}

fn main() {
    let bus = Bus::isolated()
        .with(user)
        .with(map)
        .with(map_mutably)
        .with(tuple)
        .with(function)
        .with(add)
        .build()
        .unwrap();
    let mut lent = HashMap::new();
    let mut tuple = (1, [2, 3]);
    let mut number = 1;
    let length: fn(&str) -> usize = str::len;
    bus.publish_with(&web::orders::OrderCreated, &web::User(7)).unwrap();
    bus.publish_with(&LendsAMap, &HashMap::new()).unwrap();
    bus.publish_with(&LendsAMapMutably, &mut lent).unwrap();
    bus.publish_with(&LendsATuple, &mut tuple).unwrap();
    bus.publish_with(&LendsAFunction, &length).unwrap();
    bus.publish_with(&LendsAFragment, &mut number).unwrap();
    // A box lends what is in it.
    let mut boxed = Box::new(1);
    bus.publish_with(&LendsAFragment, &mut boxed).unwrap();
    bus.scope(|| {
        LendsAFragment.publish(&mut boxed).unwrap();
        let lent = &mut number;
        LendsAFragment.publish(lent).unwrap();
        LendsAFragment.publish(lent).unwrap();
    });
    assert_eq!((lent["key"], tuple.0, number, *boxed), (1, 4, 4, 3));
}
