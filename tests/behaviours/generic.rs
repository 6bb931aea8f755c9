//! Generic events: each instantiation is an event of its own.

mod instantiations;

use eventful::{event, handler};
use expect_test::expect;

use crate::Trace;

#[event]
pub(crate) struct Created<T> {
    pub(crate) entity: T,
}

#[handler(Created<u32>)]
pub(crate) fn number_created(event: &Created<u32>, trace: &Trace) {
    trace.add(format!("number {}", event.entity));
}

#[handler(Created<char>)]
fn letter_created(event: &Created<char>, trace: &Trace) {
    trace.add(format!("letter {}", event.entity));
}

#[test]
fn r76_instantiations_of_a_generic_event_are_different_events() {
    let (trace, builder) = Trace::with_bus();
    let bus = builder
        .with(number_created)
        .with(letter_created)
        .build()
        .unwrap();
    trace.report(&bus.publish(&Created { entity: 7_u32 }));
    trace.report(&bus.publish(&Created { entity: 'x' }));
    trace.report(&bus.publish(&Created { entity: 7_u64 }));
    trace.report(&bus.publish(&Created { entity: 8_u32 }));
    expect![[r"
        number 7
        report: 1 handled
        letter x
        report: 1 handled
        report: 0 handled
        number 8
        report: 1 handled"]]
    .assert_eq(&trace.take());
}
