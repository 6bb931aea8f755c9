//! Four handlers that may fail, and do not.

use std::fmt;
use std::hint::black_box;

use bevy_ecs::error::BevyError;
use bevy_ecs::event::Event as BevyEvent;
use bevy_ecs::observer::On;
use bevy_ecs::world::World as BevyWorld;
use eventful::handler;

use crate::case::Case;
use crate::peers::{FallibleTextbook, install, name, own_bus};
use crate::work::{Payload, salt};

pub const WORKLOAD: &str = "4 handlers that may fail";

#[eventful::event]
#[derive(Clone, Copy, BevyEvent)]
pub struct Fallible(pub Payload);

/// Why a handler fails.
#[derive(Debug)]
pub struct Fault;

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an event of a number that there is not")
    }
}

impl std::error::Error for Fault {}

macro_rules! handlers {
    ($($handler:ident)*) => {
        $(
            #[handler(Fallible)]
            #[inline]
            fn $handler(event: &Fallible) -> Result<(), Fault> {
                if event.0.number == u64::MAX {
                    return Err(Fault);
                }
                event.0.work(const { salt(stringify!($handler)) });
                Ok(())
            }
        )*

        const HANDLERS: &[fn(&Fallible) -> Result<(), Fault>] = &[$($handler),*];

        fn subscribe(bus: &FallibleTextbook) {
            $(bus.subscribe(|event: &Fallible| Ok($handler(event)?));)*
        }

        fn observe(world: &mut BevyWorld) {
            $(world.add_observer(|on: On<Fallible>| -> Result<(), BevyError> { Ok($handler(&on)?) });)*
        }
    };
}

handlers!(a0 a1 a2 a3);

fn case(peer: &'static str, publish: impl FnMut(&Fallible) + 'static) -> Case {
    Case::new(WORKLOAD, peer, HANDLERS.len(), Fallible, publish)
}

#[must_use]
pub fn cases() -> Vec<Case> {
    let handlers = black_box(HANDLERS);
    let bare_loop = case(name::BARE_LOOP, move |event| {
        let mut failures = Vec::new();
        for handler in handlers {
            failures.extend(handler(event).err());
        }
        black_box(failures);
    });
    let bus = own_bus();
    let own_bus = case(name::OWN_BUS, move |event| drop(bus.publish(event)));
    install();
    let default_bus = case(name::DEFAULT_BUS, |event| drop(event.publish()));
    let bus = FallibleTextbook::default();
    subscribe(&bus);
    let textbook = case(name::TEXTBOOK, move |event| {
        black_box(bus.publish(event));
    });
    let mut world = BevyWorld::new();
    observe(&mut world);
    let bevy = case(name::BEVY, move |event| world.trigger_ref(&mut { *event }));
    vec![bare_loop, own_bus, default_bus, textbook, bevy]
}
