use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use super::*;

/// A value, and a witness of whether it is still there.
fn value() -> (Rc<str>, Rc<str>) {
    let value: Rc<str> = Rc::from("value");
    (Rc::clone(&value), value)
}

fn out<T>(value: InPlace<'_, T>) -> T {
    value.into_inner()
}

fn is_gone(witness: &Rc<str>) -> bool {
    Rc::strong_count(witness) == 1
}

fn panics<R>(body: impl FnOnce() -> R) {
    assert!(catch_unwind(AssertUnwindSafe(body)).is_err());
}

#[test]
fn it_is_dropped_once_or_moved_out() {
    let (first, witness) = value();
    InPlace::with(|| first, |value| assert_eq!(&**value, "value"));
    assert!(is_gone(&witness));

    let (first, witness) = value();
    let taken = InPlace::with(|| first, out);
    assert_eq!((&*taken, is_gone(&witness)), ("value", false));
    drop(taken);
    assert!(is_gone(&witness));

    let (first, witness) = value();
    let mut place = MaybeUninit::uninit();
    // SAFETY: there is room for the value.
    InPlace::with(
        || first,
        |value| unsafe { value.move_to(place.as_mut_ptr()) },
    );
    // SAFETY: it was moved there.
    let moved = unsafe { place.assume_init() };
    assert_eq!((&*moved, is_gone(&witness)), ("value", false));
    drop(moved);
    assert!(is_gone(&witness));
}

#[test]
fn a_panic_drops_it_once() {
    let (first, witness) = value();
    panics(|| InPlace::with(|| first, |_value| resume_unwind(Box::new(()))));
    assert!(is_gone(&witness));

    panics(|| InPlace::<u8>::with(|| resume_unwind(Box::new(())), out));
}

#[test]
fn a_slot_gives_it_away_once() {
    let (first, witness) = value();
    drop(Slot::Held(first));
    assert!(
        is_gone(&witness),
        "a slot has its value until it is asked for"
    );

    let (first, witness) = value();
    let mut slot = Slot::Held(first);
    let taken = slot.with(out);
    assert!(matches!(slot, Slot::Taken));
    drop(slot);
    assert_eq!((&*taken, is_gone(&witness)), ("value", false));

    let (first, witness) = value();
    let mut slot = Slot::Held(first);
    panics(|| slot.with(|_value| resume_unwind(Box::new(()))));
    assert!(is_gone(&witness));
    panics(|| slot.with(out));

    let mut slot = Slot::Held([1_u64, 2]);
    assert_eq!(slot.with(out), [1, 2]);
}

#[test]
fn what_a_future_returns_is_given_away_once() {
    let (first, witness) = value();
    let length = InPlace::with_ready(|| Poll::Ready(first), |value| value.len());
    assert_eq!((length, is_gone(&witness)), (Poll::Ready(5), true));

    let (first, witness) = value();
    let taken = InPlace::with_ready(|| Poll::Ready(first), out);
    assert_eq!((taken.is_ready(), is_gone(&witness)), (true, false));
    drop(taken);
    assert!(is_gone(&witness));

    let (first, witness) = value();
    panics(|| InPlace::with_ready(|| Poll::Ready(first), |_value| resume_unwind(Box::new(()))));
    assert!(is_gone(&witness));

    let pending = InPlace::<u8>::with_ready(|| Poll::Pending, |_| unreachable!("it is pending"));
    assert_eq!(pending, Poll::Pending::<()>);
}

#[test]
fn what_is_in_an_option_or_a_result_is_owned_alone() {
    let (first, witness) = value();
    let inner = |value: InPlace<'_, Option<Rc<str>>>| value.option().map(InPlace::into_inner);
    let taken = InPlace::with(|| Some(first), inner);
    assert_eq!(
        (taken.as_deref(), is_gone(&witness)),
        (Some("value"), false)
    );
    assert_eq!(InPlace::with(|| None, inner), None);

    for held in [Ok, Err] {
        let (first, witness) = value();
        InPlace::with(
            || held(first),
            |value: InPlace<'_, Result<Rc<str>, Rc<str>>>| match value.result() {
                Ok(value) | Err(value) => assert_eq!(&**value, "value"),
            },
        );
        assert!(is_gone(&witness));
    }
}

#[test]
fn a_tuple_comes_apart() {
    let ((first, witness), (second, other)) = (value(), value());
    InPlace::with(
        || (first, 7, second),
        |value| {
            let (first, number, second) = value.parts();
            drop(second);
            assert!(is_gone(&other) && !is_gone(&witness));
            assert_eq!((&**first, *number), ("value", 7));
        },
    );
    assert!(is_gone(&witness));
}

#[test]
fn a_part_is_owned_and_the_rest_forgotten() {
    let (first, witness) = value();
    InPlace::with(
        || (7_u8, first),
        |value| assert_eq!(&**value.part(|(_, value)| value), "value"),
    );
    assert!(is_gone(&witness));

    let elsewhere = InPlace::with(
        || Box::new(7_u8),
        |value| catch_unwind(AssertUnwindSafe(|| drop(value.part(|value| &mut **value)))),
    );
    assert!(elsewhere.is_err(), "it is behind the value, and not in it");
}

#[test]
fn the_values_of_a_vec_are_given_away_in_turn() {
    let (values, witnesses): (Vec<_>, Vec<_>) = (0..3).map(|_| value()).unzip();
    let mut kept = Vec::new();
    let result: Result<(), ()> = InPlace::with(
        || values,
        |values| {
            values.try_for_each(|value| {
                kept.push(value.into_inner());
                Ok(())
            })
        },
    );
    assert_eq!((result, kept.len()), (Ok(()), 3));
    drop(kept);
    assert!(witnesses.iter().all(is_gone));

    let (values, witnesses): (Vec<_>, Vec<_>) = (0..3).map(|_| value()).unzip();
    let mut seen = 0;
    let result = InPlace::with(
        || values,
        |values| {
            values.try_for_each(|_value| {
                seen += 1;
                if seen == 2 { Err("second") } else { Ok(()) }
            })
        },
    );
    assert_eq!((result, seen), (Err("second"), 2));
    assert!(witnesses.iter().all(is_gone), "the third one too");

    let (values, witnesses): (Vec<_>, Vec<_>) = (0..3).map(|_| value()).unzip();
    panics(|| {
        InPlace::with(
            || values,
            |values| values.try_for_each::<()>(|_value| resume_unwind(Box::new(()))),
        )
    });
    assert!(witnesses.iter().all(is_gone));

    let units = InPlace::with(
        || vec![(); 4],
        |units| units.try_for_each::<()>(|_unit| Ok(())),
    );
    assert_eq!(units, Ok(()));
}
