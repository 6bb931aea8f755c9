use eventful::{Event, event};

/// The facade under another path, as a crate would have it that re-exports it.
mod elsewhere {
    pub mod inner {
        pub use eventful::*;
    }
}

#[event(name = "order.created", fail_fast, log = "info")]
struct OrderCreated;

#[event(crate = elsewhere::inner, name = "order.shipped",)]
struct OrderShipped;

#[event()]
struct OrderPaid;

#[event(crate = crate::elsewhere::inner)]
struct Changed<T>(T);

fn main() {
    assert_eq!(OrderCreated::NAME, "order.created");
    assert_eq!(OrderShipped::NAME, "order.shipped");
    assert!(
        OrderPaid::NAME.ends_with("::OrderPaid"),
        "{}",
        OrderPaid::NAME
    );
    OrderCreated.publish().unwrap();
    OrderShipped.publish().unwrap();
    OrderPaid.publish().unwrap();
    Changed(1_u8).publish().unwrap();
}
