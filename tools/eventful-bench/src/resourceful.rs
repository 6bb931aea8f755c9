//! Four handlers with a resource each.

use std::hint::black_box;

use bevy_ecs::event::Event as BevyEvent;
use bevy_ecs::observer::On;
use bevy_ecs::system::Res;
use bevy_ecs::world::World as BevyWorld;
use evenio::event::{GlobalEvent, Receiver};
use evenio::fetch::Single;
use evenio::world::World as EvenioWorld;
use eventful::handler;

use crate::case::Case;
use crate::peers::{ResourcefulTextbook, counter, install, name, own_bus};
use crate::work::{Counter, Payload, salt};

pub const WORKLOAD: &str = "4 handlers with a resource";

#[eventful::event]
#[derive(Clone, Copy, BevyEvent, GlobalEvent)]
pub struct Resourceful(pub Payload);

macro_rules! handlers {
    ($($handler:ident)*) => {
        $(
            #[handler(Resourceful)]
            #[inline]
            fn $handler(event: &Resourceful, counter: &Counter) {
                counter.work(&event.0, const { salt(stringify!($handler)) });
            }
        )*

        const HANDLERS: &[fn(&Resourceful, &Counter)] = &[$($handler),*];

        fn subscribe(bus: &ResourcefulTextbook) {
            $(bus.subscribe(|event: &Resourceful, counter| $handler(event, counter));)*
        }

        fn observe(world: &mut BevyWorld) {
            $(world.add_observer(|on: On<Resourceful>, counter: Res<Counter>| $handler(&on, &counter));)*
        }

        fn handle(world: &mut EvenioWorld) {
            $(world.add_handler(|received: Receiver<Resourceful>, Single(counter): Single<&Counter>| {
                $handler(received.event, counter);
            });)*
        }
    };
}

handlers!(a0 a1 a2 a3);

fn case(peer: &'static str, publish: impl FnMut(&Resourceful) + 'static) -> Case {
    let case = Case::new(WORKLOAD, peer, HANDLERS.len(), Resourceful, publish);
    case.counting_in(counter().0)
}

#[must_use]
pub fn cases() -> Vec<Case> {
    let (handlers, resource) = (black_box(HANDLERS), black_box(counter()));
    let bare_loop = case(name::BARE_LOOP, move |event| {
        for handler in handlers {
            handler(event, &resource);
        }
    });
    let bus = own_bus();
    let own_bus = case(name::OWN_BUS, move |event| drop(bus.publish(event)));
    install();
    let default_bus = case(name::DEFAULT_BUS, |event| drop(event.publish()));
    let bus = ResourcefulTextbook::new(counter());
    subscribe(&bus);
    let textbook = case(name::TEXTBOOK, move |event| bus.publish(event));
    let mut world = BevyWorld::new();
    world.insert_resource(counter());
    observe(&mut world);
    let bevy = case(name::BEVY, move |event| world.trigger_ref(&mut { *event }));
    let mut world = EvenioWorld::new();
    let entity = world.spawn();
    world.insert(entity, counter());
    handle(&mut world);
    let evenio = case(name::EVENIO, move |event| world.send(*event));
    vec![bare_loop, own_bus, default_bus, textbook, bevy, evenio]
}
