//! Asynchronous publishes within each other, beside boxed futures.

use std::future::poll_fn;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use eventful::{Bus, event, handler};
use futures_lite::future::{block_on, yield_now};

use crate::least::{Case, least_stack, quotient};

/// The bytes that each future keeps while it waits for the next.
pub(crate) const SMALL: usize = 64;
pub(crate) const LARGE: usize = 32 << 10;

/// The levels that are compared; a bus allows 128 of them.
const FEW: usize = 27;
const MANY: usize = 127;

/// The size of the futures, and the number of levels, in one argument.
fn argument(size: usize, levels: usize) -> usize {
    size * 1000 + levels
}

/// The bytes that a level may seem to take too few or too many, since the least stacks are exact to a page, over 100 levels.
pub(crate) const EXACTNESS: f64 = 82.0;

/// Returns how much stack each level takes, with futures of `size` bytes.
pub(crate) fn level(case: &Case, size: usize) -> f64 {
    let more = least_stack(case, argument(size, MANY)) - least_stack(case, argument(size, FEW));
    quotient(more, MANY - FEW)
}

type Boxed = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Calls boxed handlers one after the other, as a bus without anything else does. Their panics end here.
async fn call_each(handlers: &[fn(usize) -> Boxed], level: usize) {
    for handler in handlers {
        let mut future = handler(level);
        let poll = |context: &mut Context<'_>| {
            catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)))
                .unwrap_or(Poll::Ready(()))
        };
        poll_fn(poll).await;
    }
}

macro_rules! nested {
    ($module:ident, $size:expr) => {
        mod $module {
            use super::*;

            pub(super) async fn recur(level: usize) {
                let bytes = [1_u8; $size];
                if level > 1 {
                    Box::pin(recur(level - 1)).await;
                }
                yield_now().await;
                black_box(&bytes);
            }

            pub(super) fn boxed(level: usize) -> Boxed {
                Box::pin(async move {
                    let bytes = [1_u8; $size];
                    if level > 1 {
                        call_each(&[boxed], level - 1).await;
                    }
                    yield_now().await;
                    black_box(&bytes);
                })
            }

            #[event(async)]
            pub(super) struct Plain(pub(super) usize);

            #[handler(Plain)]
            pub(super) async fn plain(event: &Plain) -> Result<(), String> {
                let bytes = [1_u8; $size];
                if event.0 > 1 {
                    let publish = Plain(event.0 - 1);
                    publish.publish().await.map_err(|error| error.to_string())?;
                }
                yield_now().await;
                black_box(&bytes);
                Ok(())
            }

            #[event(async)]
            pub(super) struct Guarded(pub(super) usize);

            #[handler(Guarded, when = |_| true)]
            pub(super) async fn guarded(event: &Guarded) {
                let bytes = [1_u8; $size];
                if event.0 > 1 {
                    let publish = Guarded(event.0 - 1);
                    publish.publish().await.expect("no handler fails");
                }
                yield_now().await;
                black_box(&bytes);
            }

            #[event(async, with = mut usize)]
            pub(super) struct Lending(pub(super) usize);

            #[handler(Lending)]
            pub(super) async fn lent(event: &Lending, count: &mut usize) {
                let bytes = [1_u8; $size];
                *count += 1;
                if event.0 > 1 {
                    let publish = Lending(event.0 - 1);
                    publish.publish(count).await.expect("no handler fails");
                }
                yield_now().await;
                black_box(&bytes);
            }

            #[event(async)]
            pub(super) struct Subscribed(pub(super) usize);

            pub(super) async fn subscriber(level: usize) {
                let bytes = [1_u8; $size];
                if level > 1 {
                    let publish = Subscribed(level - 1);
                    publish.publish().await.expect("no handler fails");
                }
                yield_now().await;
                black_box(&bytes);
            }
        }
    };
}

nested!(small, SMALL);
nested!(large, LARGE);

/// Publishes an event of the module `sized`, with the module for the larger futures, or for the smaller ones.
macro_rules! publish {
    ($argument:expr, $sized:ident => $event:ident, $builder:expr) => {{
        let levels = $argument % 1000;
        let result = if $argument / 1000 == LARGE {
            use large as $sized;
            let bus = $builder.build().expect("the wiring is right");
            block_on(bus.publish(&$sized::$event(levels)))
        } else {
            use small as $sized;
            let bus = $builder.build().expect("the wiring is right");
            block_on(bus.publish(&$sized::$event(levels)))
        };
        result.expect("no handler fails");
    }};
}

/// The first is what those after the second are compared with.
pub(crate) const CASES: &[Case] = &[
    Case {
        name: "boxed handlers",
        run: |argument| {
            let levels = argument % 1000;
            if argument / 1000 == LARGE {
                block_on(call_each(&[large::boxed], levels));
            } else {
                block_on(call_each(&[small::boxed], levels));
            }
        },
    },
    Case {
        name: "boxed recursion",
        run: |argument| {
            let levels = argument % 1000;
            if argument / 1000 == LARGE {
                block_on(large::recur(levels));
            } else {
                block_on(small::recur(levels));
            }
        },
    },
    Case {
        name: "nested publishes",
        run: |argument| publish!(argument, sized => Plain, Bus::isolated().with(sized::plain)),
    },
    Case {
        name: "nested publishes with guards",
        run: |argument| publish!(argument, sized => Guarded, Bus::isolated().with(sized::guarded)),
    },
    Case {
        name: "nested publishes that lend",
        run: |argument| {
            let levels = argument % 1000;
            let mut count = 0;
            let result = if argument / 1000 == LARGE {
                let bus = Bus::isolated()
                    .with(large::lent)
                    .build()
                    .expect("the wiring is right");
                block_on(bus.publish_with(&large::Lending(levels), &mut count))
            } else {
                let bus = Bus::isolated()
                    .with(small::lent)
                    .build()
                    .expect("the wiring is right");
                block_on(bus.publish_with(&small::Lending(levels), &mut count))
            };
            result.expect("no handler fails");
            assert_eq!(count, levels);
        },
    },
    Case {
        name: "nested publishes to closures",
        run: |argument| {
            publish!(argument, sized => Subscribed, Bus::isolated()
                .subscribe("closure", |event: &sized::Subscribed| sized::subscriber(event.0)));
        },
    },
];
