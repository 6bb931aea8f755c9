//! Handlers that return nothing and need nothing.

use std::any::Any;
use std::hint::black_box;

use bevy_ecs::event::Event as BevyEvent;
use bevy_ecs::observer::On;
use bevy_ecs::world::World as BevyWorld;
use evenio::event::{GlobalEvent, Receiver};
use evenio::world::World as EvenioWorld;
use eventful::mode::Sync;
use eventful::{Event, handler};
use linkme::distributed_slice;
use tokio::sync::broadcast;

use crate::case::Case;
use crate::peers::{SCANNED, Scanned, Textbook, install, name, own_bus, scan};
use crate::work::{Payload, repeat, salt};

/// An event that every peer can publish.
pub trait Published: Event<Mode = Sync> + Copy {
    const WORKLOAD: &str;
    const HANDLERS: &[fn(&Self)];

    fn new(payload: Payload) -> Self;
    fn publish_ambient(&self);
    fn subscribe(bus: &Textbook);
    fn observe(world: &mut BevyWorld);
    fn trigger(self, world: &mut BevyWorld);
    fn handle(world: &mut EvenioWorld);
    fn send(self, world: &mut EvenioWorld);
    fn own_slice() -> &'static [Scanned];
}

macro_rules! handlers {
    ($event:ident in $module:ident, $slice:ident, $workload:literal: $($handler:ident)*) => {
        pub mod $module {
            use super::*;

            #[eventful::event]
            #[derive(Clone, Copy, BevyEvent, GlobalEvent)]
            pub struct $event(pub Payload);

            $(
                #[handler($event)]
                #[inline]
                pub fn $handler(event: &$event) {
                    event.0.work(const { salt(stringify!($handler)) });
                }
            )*

            #[distributed_slice]
            static $slice: [Scanned];

            $(
                const _: () = {
                    fn call(event: &dyn Any) {
                        $handler(event.downcast_ref().expect("its type was compared"));
                    }

                    #[distributed_slice($slice)]
                    static IN_OWN: Scanned = Scanned::new::<$event>(call);

                    #[distributed_slice(SCANNED)]
                    static IN_ALL: Scanned = Scanned::new::<$event>(call);
                };
            )*

            impl Published for $event {
                const WORKLOAD: &str = $workload;
                const HANDLERS: &[fn(&Self)] = &[$($handler),*];

                #[inline]
                fn new(payload: Payload) -> Self {
                    Self(payload)
                }

                #[inline]
                fn publish_ambient(&self) {
                    self.publish().ok();
                }

                fn subscribe(bus: &Textbook) {
                    // There may be no handler.
                    let _ = &bus;
                    $(bus.subscribe(|event: &Self| $handler(event));)*
                }

                fn observe(world: &mut BevyWorld) {
                    // There may be no handler.
                    let _ = &world;
                    $(world.add_observer(|on: On<Self>| $handler(&on));)*
                }

                #[inline]
                fn trigger(mut self, world: &mut BevyWorld) {
                    world.trigger_ref(&mut self);
                }

                fn handle(world: &mut EvenioWorld) {
                    // There may be no handler.
                    let _ = &world;
                    $(world.add_handler(|received: Receiver<Self>| $handler(received.event));)*
                }

                #[inline]
                fn send(self, world: &mut EvenioWorld) {
                    world.send(self);
                }

                fn own_slice() -> &'static [Scanned] {
                    &$slice
                }
            }
        }
    };
}

handlers!(None in none, NONE, "0 handlers":);
handlers!(One in one, ONE, "1 handler": a0);
handlers!(Four in four, FOUR, "4 handlers": a0 a1 a2 a3);
handlers!(Sixteen in sixteen, SIXTEEN, "16 handlers": a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 a10 a11 a12 a13 a14 a15);
handlers!(SixtyFour in sixty_four, SIXTY_FOUR, "64 handlers":
    a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 a10 a11 a12 a13 a14 a15
    b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 b10 b11 b12 b13 b14 b15
    c0 c1 c2 c3 c4 c5 c6 c7 c8 c9 c10 c11 c12 c13 c14 c15
    d0 d1 d2 d3 d4 d5 d6 d7 d8 d9 d10 d11 d12 d13 d14 d15);

/// The loop itself: whoever reads the instructions of the others takes these off.
pub const NOTHING: &str = "no publish";

#[must_use]
pub fn cases<E: Published>() -> Vec<Case> {
    let nothing = Case::new(E::WORKLOAD, NOTHING, 0, E::new, |_: &E| ());
    let handlers = black_box(E::HANDLERS);
    let bare_loop = case(name::BARE_LOOP, move |event: &E| {
        for handler in handlers {
            handler(event);
        }
    });
    let bus = own_bus();
    let own_bus = case(name::OWN_BUS, move |event: &E| {
        bus.publish(event).ok();
    });
    install();
    let default_bus = case(name::DEFAULT_BUS, E::publish_ambient);
    vec![
        nothing,
        bare_loop,
        own_bus,
        default_bus,
        in_scope::<E>(),
        textbook::<E>(),
        bevy::<E>(),
        evenio::<E>(),
        broadcast::<E>(),
        scan_of::<E>(name::SCAN_ONE, E::own_slice()),
        scan_of::<E>(name::SCAN_ALL, &SCANNED),
    ]
}

fn case<E: Published>(peer: &'static str, publish: impl FnMut(&E) + 'static) -> Case {
    Case::new(E::WORKLOAD, peer, E::HANDLERS.len(), E::new, publish)
}

/// Every publish of a run is in one scope.
fn in_scope<E: Published>() -> Case {
    let bus = own_bus();
    Case::running(
        E::WORKLOAD,
        name::SCOPE,
        E::HANDLERS.len(),
        move |publishes, tally| {
            bus.scope(|| repeat(publishes, tally, E::new, E::publish_ambient));
        },
    )
}

fn textbook<E: Published>() -> Case {
    let bus = Textbook::default();
    E::subscribe(&bus);
    case(name::TEXTBOOK, move |event: &E| bus.publish(event))
}

fn bevy<E: Published>() -> Case {
    let mut world = BevyWorld::new();
    E::observe(&mut world);
    case(name::BEVY, move |event: &E| event.trigger(&mut world))
}

fn evenio<E: Published>() -> Case {
    let mut world = EvenioWorld::new();
    E::handle(&mut world);
    case(name::EVENIO, move |event: &E| event.send(&mut world))
}

/// A receiver for each handler, which takes the event right after it was sent.
fn broadcast<E: Published>() -> Case {
    let (sender, _) = broadcast::channel(1);
    let mut receivers: Vec<_> = black_box(E::HANDLERS)
        .iter()
        .map(|&handler| (sender.subscribe(), handler))
        .collect();
    case(name::BROADCAST, move |event: &E| {
        // Without receivers it is an error, which tells nothing.
        sender.send(*event).ok();
        for (receiver, handler) in &mut receivers {
            while let Ok(event) = receiver.try_recv() {
                handler(&event);
            }
        }
    })
}

fn scan_of<E: Published>(peer: &'static str, slice: &'static [Scanned]) -> Case {
    let slice = black_box(slice);
    case(peer, move |event: &E| scan(slice, event))
}
