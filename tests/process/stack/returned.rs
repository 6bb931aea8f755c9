//! Handlers that return large events.

use std::sync::Mutex;
use std::thread;

use eventful::{Bus, BusBuilder, Either, event, handler};
use futures_lite::future::block_on;

use crate::least::{Case, LARGE, SMALL};

#[event]
struct Ordered;

#[event(async)]
struct Shipped;

/// The event that a handler returns, made beforehand: so the handler has no copy of its own on the stack.
struct Ready<T>(Mutex<Option<Box<T>>>);

impl<T: Send + 'static> Ready<T> {
    /// Makes a value on another stack.
    fn new(make: fn() -> T) -> Self {
        let thread = thread::Builder::new().stack_size(16 * LARGE);
        let thread = thread.spawn(move || Box::new(make()));
        let value = thread.expect("a thread starts").join();
        Self(Mutex::new(Some(value.expect("nothing panics"))))
    }

    #[expect(
        clippy::unnecessary_box_returns,
        reason = "the handler moves the value out of the box, to what it returns"
    )]
    fn take(&self) -> Box<T> {
        let mut value = self.0.lock().expect("nobody panics with it");
        value.take().expect("it is returned once")
    }
}

/// Handlers that return an event of so many bytes.
macro_rules! handlers {
    ($module:ident, $size:expr) => {
        mod $module {
            use super::*;

            #[event]
            pub(super) struct Made(pub(super) [u8; $size]);

            #[event]
            pub(super) struct Spoilt(pub(super) [u8; $size]);

            #[event(async)]
            pub(super) struct Sent(pub(super) [u8; $size]);

            #[handler(Made)]
            pub(super) fn made(event: &Made) {
                assert_eq!(event.0[$size - 1], 1);
            }

            #[handler(Spoilt)]
            pub(super) fn spoilt(event: &Spoilt) {
                assert_eq!(event.0[$size - 1], 1);
            }

            #[handler(Sent)]
            pub(super) async fn sent(event: &Sent) {
                assert_eq!(event.0[$size - 1], 1);
            }

            #[handler(Ordered)]
            pub(super) fn plain(_: &Ordered, ready: &Ready<Made>) -> Made {
                *ready.take()
            }

            #[handler(Ordered)]
            pub(super) fn option(_: &Ordered, ready: &Ready<Option<Made>>) -> Option<Made> {
                *ready.take()
            }

            #[handler(Ordered)]
            pub(super) fn result(
                _: &Ordered,
                ready: &Ready<Result<Option<Made>, String>>,
            ) -> Result<Option<Made>, String> {
                *ready.take()
            }

            #[handler(Ordered)]
            pub(super) fn either(
                _: &Ordered,
                ready: &Ready<Either<Spoilt, Made>>,
            ) -> Either<Spoilt, Made> {
                *ready.take()
            }

            #[handler(Ordered)]
            pub(super) fn tuple(_: &Ordered, ready: &Ready<(Made, ())>) -> (Made, ()) {
                *ready.take()
            }

            #[handler(Ordered)]
            pub(super) fn many(_: &Ordered, ready: &Ready<Vec<Made>>) -> Vec<Made> {
                *ready.take()
            }

            #[handler(Shipped)]
            pub(super) async fn later(_: &Shipped, ready: &Ready<Sent>) -> Sent {
                *ready.take()
            }

            #[handler(Shipped)]
            pub(super) async fn later_result(
                _: &Shipped,
                ready: &Ready<Result<Option<Made>, String>>,
            ) -> Result<Option<Made>, String> {
                *ready.take()
            }
        }
    };
}

handlers!(small, SMALL);
handlers!(large, LARGE);

/// Publishes to a handler of the module `sized`, with the module for the larger values, or for the smaller ones.
macro_rules! publish {
    ($publish:ident, $size:ident, $sized:ident => $handler:expr, $ready:expr) => {
        if $size == LARGE {
            use large as $sized;
            let builder = Bus::isolated().with($sized::made).with($sized::sent);
            $publish(builder.with($handler).provide(Ready::new(|| $ready)));
        } else {
            use small as $sized;
            let builder = Bus::isolated().with($sized::made).with($sized::sent);
            $publish(builder.with($handler).provide(Ready::new(|| $ready)));
        }
    };
}

fn order(builder: BusBuilder) {
    let bus = builder.build().expect("the wiring is right");
    let delivered = bus.publish(&Ordered).expect("no handler fails");
    assert_eq!(delivered.cascaded(), 1);
}

fn ship(builder: BusBuilder) {
    let bus = builder.build().expect("the wiring is right");
    let delivered = block_on(bus.publish(&Shipped)).expect("no handler fails");
    assert_eq!(delivered.cascaded(), 1);
}

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "an event is returned",
        run: |size| publish!(order, size, sized => sized::plain, sized::Made([1; _])),
    },
    Case {
        name: "an `Option` is returned",
        run: |size| publish!(order, size, sized => sized::option, Some(sized::Made([1; _]))),
    },
    Case {
        name: "a `Result` of an `Option` is returned",
        run: |size| {
            publish!(order, size, sized => sized::result, Ok::<_, String>(Some(sized::Made([1; _]))));
        },
    },
    Case {
        name: "an `Either` is returned",
        run: |size| {
            publish!(order, size, sized =>
                sized::either, Either::<sized::Spoilt, _>::Right(sized::Made([1; _])));
        },
    },
    Case {
        name: "a tuple is returned",
        run: |size| publish!(order, size, sized => sized::tuple, (sized::Made([1; _]), ())),
    },
    Case {
        name: "a `Vec` is returned",
        run: |size| publish!(order, size, sized => sized::many, vec![sized::Made([1; _])]),
    },
    Case {
        name: "a closure returns an event",
        run: |size| {
            if size == LARGE {
                let ready = Ready::new(|| large::Made([1; _]));
                let closure = move |_: &Ordered| *ready.take();
                order(
                    Bus::isolated()
                        .with(large::made)
                        .subscribe("closure", closure),
                );
            } else {
                let ready = Ready::new(|| small::Made([1; _]));
                let closure = move |_: &Ordered| *ready.take();
                order(
                    Bus::isolated()
                        .with(small::made)
                        .subscribe("closure", closure),
                );
            }
        },
    },
    Case {
        name: "an async handler returns an event",
        run: |size| publish!(ship, size, sized => sized::later, sized::Sent([1; _])),
    },
    Case {
        name: "an async handler returns a `Result`",
        run: |size| {
            publish!(ship, size, sized =>
                sized::later_result, Ok::<_, String>(Some(sized::Made([1; _]))));
        },
    },
];
