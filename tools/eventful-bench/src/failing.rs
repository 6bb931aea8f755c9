//! Four handlers of which the second always fails, by an error or by a panic.

use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use eventful::{PublishError, handler};

use crate::case::Case;
use crate::fallible::Fault;
use crate::peers::{FallibleTextbook, install, name, own_bus};
use crate::work::{Payload, salt};

pub const WITH_AN_ERROR: &str = "4 handlers, one fails";
pub const WITH_A_PANIC: &str = "4 handlers, one panics";

macro_rules! handlers {
    ($event:ident in $module:ident, $workload:ident: $first:ident $fails:ident($how:expr) $($rest:ident)*) => {
        pub mod $module {
            use super::*;

            #[eventful::event]
            #[derive(Clone, Copy)]
            pub struct $event(pub Payload);

            #[handler($event)]
            #[inline]
            fn $fails(event: &$event) -> Result<(), Fault> {
                event.0.work(const { salt(stringify!($fails)) });
                $how
            }

            succeeding!($event: $first $($rest)*);

            const HANDLERS: &[fn(&$event) -> Result<(), Fault>] = &[$first, $fails, $($rest),*];

            fn subscribe(bus: &FallibleTextbook) {
                $(bus.subscribe(|event: &$event| Ok($rest(event)?));)*
                bus.subscribe(|event: &$event| Ok($first(event)?));
                bus.subscribe(|event: &$event| Ok($fails(event)?));
            }

            fn case(peer: &'static str, publish: impl FnMut(&$event) + 'static) -> Case {
                Case::new($workload, peer, HANDLERS.len(), $event, publish)
            }

            #[must_use]
            pub fn cases() -> Vec<Case> {
                let handlers = black_box(HANDLERS);
                let bare_loop = case(name::BARE_LOOP, move |event| {
                    let mut failures = Vec::new();
                    for handler in handlers {
                        match catch_unwind(AssertUnwindSafe(|| handler(event))) {
                            Ok(result) => failures.extend(result.err()),
                            Err(_) => failures.push(Fault),
                        }
                    }
                    assert_eq!(black_box(failures).len(), 1);
                });
                let bus = own_bus();
                let own_bus = case(name::OWN_BUS, move |event| check(bus.publish(event).err()));
                install();
                let default_bus = case(name::DEFAULT_BUS, |event| check(event.publish().err()));
                let bus = FallibleTextbook::default();
                subscribe(&bus);
                let textbook = case(name::TEXTBOOK, move |event| {
                    assert_eq!(bus.publish(event).len(), 1);
                });
                vec![bare_loop, own_bus, default_bus, textbook]
            }
        }
    };
}

macro_rules! succeeding {
    ($event:ident: $($handler:ident)*) => {
        $(
            #[handler($event)]
            #[inline]
            fn $handler(event: &$event) -> Result<(), Fault> {
                event.0.work(const { salt(stringify!($handler)) });
                Ok(())
            }
        )*
    };
}

handlers!(Failing in failing, WITH_AN_ERROR: a0 a1(Err(Fault)) a2 a3);
// Without the panic hook, which would print each.
handlers!(Panicking in panicking, WITH_A_PANIC: a0 a1(resume_unwind(Box::new("it panics"))) a2 a3);

fn check(error: Option<PublishError>) {
    let failures = error.map_or(0, |error| error.failures().len());
    assert_eq!(failures, 1);
}
