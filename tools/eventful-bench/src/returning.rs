//! A handler returns an event, which has a handler.

use std::hint::black_box;

use bevy_ecs::event::Event as BevyEvent;
use bevy_ecs::observer::On;
use bevy_ecs::system::Commands;
use bevy_ecs::world::World as BevyWorld;
use evenio::event::{GlobalEvent, Receiver, Sender};
use evenio::world::World as EvenioWorld;
use eventful::handler;

use crate::case::Case;
use crate::peers::{install, name, own_bus};
use crate::work::{Payload, salt};

pub const WORKLOAD: &str = "an event is returned";
const HANDLERS: usize = 2;

#[eventful::event]
#[derive(Clone, Copy, BevyEvent, GlobalEvent)]
pub struct Cause(pub Payload);

#[eventful::event]
#[derive(Clone, Copy, BevyEvent, GlobalEvent)]
pub struct Effect(pub Payload);

#[handler(Cause)]
#[inline]
fn cause(event: &Cause) -> Effect {
    event.0.work(const { salt("cause") });
    Effect(event.0)
}

#[handler(Effect)]
#[inline]
fn effect(event: &Effect) {
    event.0.work(const { salt("effect") });
}

fn case(peer: &'static str, publish: impl FnMut(&Cause) + 'static) -> Case {
    Case::new(WORKLOAD, peer, HANDLERS, Cause, publish)
}

#[must_use]
pub fn cases() -> Vec<Case> {
    let first: fn(&Cause) -> Effect = black_box(cause);
    let second: fn(&Effect) = black_box(effect);
    let bare_loop = case(name::BARE_LOOP, move |event| {
        // It waits on the heap until the handlers of the first event have run.
        let waiting = black_box(Box::new(first(event)));
        second(&waiting);
    });
    let bus = own_bus();
    let own_bus = case(name::OWN_BUS, move |event| drop(bus.publish(event)));
    install();
    let default_bus = case(name::DEFAULT_BUS, |event| drop(event.publish()));
    let mut world = BevyWorld::new();
    world.add_observer(|on: On<Cause>, mut commands: Commands| commands.trigger(cause(&on)));
    world.add_observer(|on: On<Effect>| effect(&on));
    let bevy = case(name::BEVY, move |event| {
        world.trigger_ref(&mut { *event });
        world.flush();
    });
    let mut world = EvenioWorld::new();
    world.add_handler(|received: Receiver<Cause>, mut sender: Sender<Effect>| {
        sender.send(cause(received.event));
    });
    world.add_handler(|received: Receiver<Effect>| effect(received.event));
    let evenio = case(name::EVENIO, move |event| world.send(*event));
    vec![bare_loop, own_bus, default_bus, bevy, evenio]
}
