//! Buses for a part of a test.

use eventful::testing::Recorder;
use expect_test::expect;

use super::shop::{StockReserved, created, shop};

#[test]
fn r108_in_a_mute_scope_nobody_is_called_and_nothing_is_delivered_later() {
    let (trace, builder) = shop();
    let bus = builder.build().unwrap();
    let muted = bus.derive().fake_all(&Recorder::new()).build().unwrap();
    bus.scope(|| {
        trace.add("before");
        created(1).publish().unwrap();
        muted.scope(|| {
            trace.add("muted");
            created(2).publish().unwrap();
        });
        drop(muted);
        trace.add("after");
        created(3).publish().unwrap();
    });
    expect![[r"
        before
        reserve 1
        stock 1
        muted
        after
        reserve 3
        stock 3"]]
    .assert_eq(&trace.take());
}

#[test]
fn r109_a_temporary_handler_works_in_its_scope_with_its_filter_and_leaves_nothing_behind() {
    let (trace, builder) = shop();
    let bus = builder.build().unwrap();
    let seen = trace.clone();
    let temporary = bus
        .derive()
        .subscribe("temporary", move |event: &StockReserved| {
            if event.id > 1 {
                seen.add(format!("temporary {}", event.id));
            }
        })
        .build()
        .unwrap();
    let publish = || {
        for id in 1..3 {
            StockReserved { id }.publish().unwrap();
        }
    };
    bus.scope(|| {
        publish();
        temporary.scope(publish);
        drop(temporary);
        publish();
    });
    trace.add(format!("{} handler", bus.handlers::<StockReserved>().len()));
    expect![[r"
        stock 1
        stock 2
        stock 1
        temporary 2
        stock 2
        stock 1
        stock 2
        1 handler"]]
    .assert_eq(&trace.take());
}
