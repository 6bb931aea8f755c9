//! Handlers that return one event or another.

use eventful::{Bus, Either, event, handler};

use crate::Trace;
use crate::executor::{block_on, yield_now};

#[event]
struct Placed(u32);

#[event]
struct Reserved(u32);

#[event]
struct Short(u32);

#[event]
struct Refused;

#[handler(Placed)]
fn reserve(event: &Placed) -> Result<Either<Reserved, Either<Short, Refused>>, String> {
    match event.0 {
        0 => Ok(Either::Right(Either::Right(Refused))),
        1..=10 => Ok(Either::Left(Reserved(event.0))),
        11..=100 => Ok(Either::Right(Either::Left(Short(event.0 - 10)))),
        _ => Err("nobody needs that many".to_owned()),
    }
}

#[handler(Reserved)]
fn reserved(event: &Reserved, trace: &Trace) {
    trace.add(format!("reserved {}", event.0));
}

#[handler(Short)]
fn short(event: &Short, trace: &Trace) {
    trace.add(format!("short of {}", event.0));
}

#[handler(Refused)]
fn refused(_: &Refused, trace: &Trace) {
    trace.add("refused");
}

fn bus(trace: &Trace) -> Bus {
    Bus::isolated()
        .with(reserve)
        .with(reserved)
        .with(short)
        .with(refused)
        .provide(trace.clone())
        .build()
        .unwrap()
}

#[test]
fn the_one_that_is_returned_is_published_and_no_other() {
    let trace = Trace::default();
    let bus = bus(&trace);
    for (items, log) in [(3, "reserved 3"), (12, "short of 2"), (0, "refused")] {
        let delivered = bus.publish(&Placed(items)).unwrap();
        assert_eq!(
            (delivered.cascaded(), trace.take().as_str()),
            (1, log),
            "{items}"
        );
    }
    let error = bus.publish(&Placed(1000)).unwrap_err();
    assert_eq!(error.failures()[0].message(), "nobody needs that many");
    assert_eq!(
        (error.delivered().cascaded(), trace.take().as_str()),
        (0, "")
    );
}

#[test]
fn the_wiring_knows_all_of_them_in_the_order_in_which_they_are_written() {
    let wiring = bus(&Trace::default()).wiring();
    let placed =
        |cascade: &eventful::wiring::WiredCascade<'_>| cascade.event().ends_with("::Placed");
    let returned: Vec<_> = wiring
        .cascades()
        .filter(placed)
        .map(|cascade| cascade.returned().rsplit("::").next().unwrap().to_owned())
        .collect();
    assert_eq!(returned, ["Reserved", "Short", "Refused"]);
}

#[test]
fn one_side_may_be_nothing_and_a_side_that_fails_has_returned_nothing() {
    let trace = Trace::default();
    let bus = Bus::isolated()
        .subscribe("either", |event: &Placed| match event.0 {
            0 => Either::Left(()),
            1 => Either::Right((Short(7), Err("no"))),
            _ => Either::Right((Short(7), Ok(Refused))),
        })
        .with(short)
        .with(refused)
        .provide(trace.clone())
        .build()
        .unwrap();
    assert_eq!(bus.publish(&Placed(0)).unwrap().cascaded(), 0);
    assert_eq!(bus.publish(&Placed(2)).unwrap().cascaded(), 2);
    assert_eq!(trace.take(), "short of 7\nrefused");
    let error = bus.publish(&Placed(1)).unwrap_err();
    assert_eq!(error.failures()[0].message(), "no");
    assert_eq!(
        (error.delivered().cascaded(), trace.take().as_str()),
        (0, "")
    );
}

#[event(async)]
struct Charged(u32);

#[event(async)]
struct Paid;

#[handler(Charged)]
async fn pay(event: &Charged) -> Either<Paid, Refused> {
    yield_now().await;
    if event.0 < 10 {
        Either::Left(Paid)
    } else {
        Either::Right(Refused)
    }
}

#[handler(Paid)]
async fn paid(_: &Paid, trace: &Trace) {
    yield_now().await;
    trace.add("paid");
}

#[test]
fn an_asynchronous_handler_returns_events_of_both_modes() {
    let trace = Trace::default();
    let bus = Bus::isolated()
        .with(pay)
        .with(paid)
        .with(refused)
        .provide(trace.clone())
        .build()
        .unwrap();
    assert_eq!(block_on(bus.publish(&Charged(1))).unwrap().cascaded(), 1);
    assert_eq!(block_on(bus.publish(&Charged(10))).unwrap().cascaded(), 1);
    assert_eq!(trace.take(), "paid\nrefused");
}
