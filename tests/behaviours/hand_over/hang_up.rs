//! A client that hangs up in the middle of a request.

use eventful::Bus;
use expect_test::expect;

use super::{Kept, Shipped, builder, is_drained};
use crate::Trace;
use crate::executor::poll_once;

/// A request that hands over, and then awaits a publish of its own.
async fn request(bus: Bus, number: u32) {
    let mut pending = bus.pending_async();
    pending.push(Shipped(number));
    pending.push(Shipped(number + 1));
    let outcome = bus.hand_over(pending).unwrap();
    bus.publish(&Shipped(number + 2)).await.unwrap();
    outcome.await.unwrap();
}

#[test]
fn r70_what_a_request_has_handed_over_ends_in_order_after_the_client_has_hung_up() {
    let (trace, kept) = (Trace::default(), Kept::default());
    let bus = builder(&trace).spawner(kept.spawner()).build().unwrap();
    let mut request = Box::pin(request(bus.derive().build().unwrap(), 1));
    assert!(poll_once(&mut request).is_pending());
    drop(request);
    trace.add("hung up");
    assert!(!is_drained(&bus), "a derived bus has something");
    kept.run_one();
    expect![[r"
        begins 3
        hung up
        begins 1
        ends 1
        begins 2
        ends 2"]]
    .assert_eq(&trace.take());
    assert!(is_drained(&bus));
}
