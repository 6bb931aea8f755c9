//! Publishes in asynchronous handlers.

use eventful::{Bus, PublishError, event, handler};

use crate::executor::{block_on, in_time, yield_now};

#[event(async)]
struct Countdown(u32);

#[handler(Countdown)]
async fn count_down(event: &Countdown) -> Result<(), PublishError> {
    yield_now().await;
    match event.0 {
        0 => Ok(()),
        number => Countdown(number - 1).publish().await.map(drop),
    }
}

#[event(async)]
struct Turning;

#[handler(Turning)]
async fn turn(_: &Turning) -> Result<(), PublishError> {
    Turning.publish().await.map(drop)
}

/// The number of failures on the way to the refusal, and the refusal.
fn depth(mut error: PublishError) -> (usize, PublishError) {
    for depth in 0.. {
        if error.refusal().is_some() {
            return (depth, error);
        }
        let failure = error.into_failures().remove(0);
        let nested = failure.into_error().expect("no panic").downcast();
        error = *nested.expect("a nested publish");
    }
    unreachable!("an error comes to an end")
}

#[test]
fn nested_publishes_come_to_their_end_and_a_cycle_to_an_error() {
    // A thread has 2 MiB of stack, as those of tokio do.
    in_time(|| {
        let bus = Bus::isolated().with(count_down).with(turn).build().unwrap();
        block_on(bus.publish(&Countdown(127))).unwrap();
        let (at, error) = depth(block_on(bus.publish(&Countdown(128))).unwrap_err());
        assert_eq!(at, 128);
        assert_eq!(error.refusal().unwrap().chain().len(), 128);
        let (at, error) = depth(block_on(bus.publish(&Turning)).unwrap_err());
        assert_eq!(at, 128);
        assert!(error.refusal().unwrap().is_nesting_limit());
        let text = error.to_string();
        assert!(
            text.contains("by behaviours::asynchronous::nesting::turn"),
            "{text}"
        );

        let bus = bus.derive().nesting_limit(2).build().unwrap();
        let (at, _) = depth(block_on(bus.publish(&Turning)).unwrap_err());
        assert_eq!(at, 2);
        block_on(bus.publish(&Countdown(1))).unwrap();
    });
}

#[test]
fn publishes_one_after_the_other_are_not_nested() {
    let bus = Bus::isolated()
        .with(count_down)
        .nesting_limit(2)
        .build()
        .unwrap();
    let twice = bus.scope_async(bus.scope_async(async {
        for _ in 0..5 {
            Countdown(1).publish().await.unwrap();
        }
    }));
    block_on(twice);
}
