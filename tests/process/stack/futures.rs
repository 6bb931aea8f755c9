//! Asynchronous handlers with large futures.

use std::hint::black_box;

use eventful::{Bus, BusBuilder, event, handler};
use futures_lite::future::{block_on, yield_now};

use crate::least::{Case, LARGE, SMALL};

#[event(async)]
struct Ordered;

#[event(async, concurrent)]
struct Shipped;

#[event(async, with = mut String)]
struct Paid;

#[event(async)]
struct Changed<T: Send + Sync + 'static>(T);

/// Handlers whose futures keep so many bytes.
macro_rules! handlers {
    ($module:ident, $size:expr) => {
        mod $module {
            use super::*;

            pub(super) async fn work() {
                let bytes = [1_u8; $size];
                yield_now().await;
                black_box(&bytes);
            }

            #[handler(Ordered)]
            pub(super) async fn plain(_: &Ordered) {
                let bytes = [1_u8; $size];
                yield_now().await;
                black_box(&bytes);
            }

            #[handler(Ordered)]
            pub(super) async fn with_resources(
                _: &Ordered,
                _number: &u32,
                _text: &String,
            ) -> Result<(), String> {
                let bytes = [1_u8; $size];
                yield_now().await;
                black_box(&bytes);
                Ok(())
            }

            #[handler(Ordered, when = |_| true)]
            pub(super) async fn guarded(_: &Ordered) {
                let bytes = [1_u8; $size];
                yield_now().await;
                black_box(&bytes);
            }

            #[handler(Shipped)]
            pub(super) async fn first(_: &Shipped) {
                let bytes = [1_u8; $size];
                yield_now().await;
                black_box(&bytes);
            }

            #[handler(Shipped)]
            pub(super) async fn second(_: &Shipped) {
                let bytes = [2_u8; $size];
                yield_now().await;
                black_box(&bytes);
            }

            #[handler(Paid)]
            pub(super) async fn borrower(_: &Paid, lines: &mut String) {
                let bytes = [1_u8; $size];
                yield_now().await;
                black_box(&bytes);
                lines.push('x');
            }

            #[handler(Changed<u8>)]
            pub(super) async fn changed<E: Sync>(event: &E) {
                let bytes = [1_u8; $size];
                yield_now().await;
                black_box((&bytes, event));
            }
        }
    };
}

handlers!(small, SMALL);
handlers!(large, LARGE);

/// Evaluates an expression with the module `sized` for the larger values, or for the smaller ones.
macro_rules! sized {
    ($size:expr, $sized:ident => $expression:expr) => {
        if $size == LARGE {
            use large as $sized;
            $expression
        } else {
            use small as $sized;
            $expression
        }
    };
}

fn build(builder: BusBuilder) -> Bus {
    let builder = builder.provide(7_u32).provide(String::new());
    builder.build().expect("the wiring is right")
}

fn order(builder: BusBuilder) {
    let delivered = block_on(build(builder).publish(&Ordered));
    assert_eq!(delivered.expect("no handler fails").handled(), 1);
}

pub(crate) const CASES: &[Case] = &[
    Case {
        name: "an async handler",
        run: |size| order(sized!(size, sized => Bus::isolated().with(sized::plain))),
    },
    Case {
        name: "an async handler with resources",
        run: |size| order(sized!(size, sized => Bus::isolated().with(sized::with_resources))),
    },
    Case {
        name: "an async handler with a guard",
        run: |size| order(sized!(size, sized => Bus::isolated().with(sized::guarded))),
    },
    Case {
        name: "an async closure",
        run: |size| {
            order(sized!(size, sized =>
                Bus::isolated().subscribe("work", |_: &Ordered| sized::work())));
        },
    },
    Case {
        name: "an async handler of a generic event",
        run: |size| {
            let bus =
                build(sized!(size, sized => Bus::isolated().with(sized::changed::<Changed<u8>>)));
            let delivered = block_on(bus.publish(&Changed(7_u8)));
            assert_eq!(delivered.expect("no handler fails").handled(), 1);
        },
    },
    Case {
        name: "an async handler of what is lent",
        run: |size| {
            let bus = build(sized!(size, sized => Bus::isolated().with(sized::borrower)));
            let mut lines = String::new();
            let delivered = block_on(bus.publish_with(&Paid, &mut lines));
            assert_eq!(delivered.expect("no handler fails").handled(), 1);
        },
    },
    Case {
        name: "two concurrent async handlers",
        run: |size| {
            let bus = build(sized!(size, sized =>
                Bus::isolated().with(sized::first).with(sized::second)));
            let delivered = block_on(bus.publish(&Shipped));
            assert_eq!(delivered.expect("no handler fails").handled(), 2);
        },
    },
];
