//! Questions about what a recorder does not record: each is a panic that says what to write.

use eventful::Bus;
use eventful::testing::Recorder;
use expect_test::expect;

use super::{Created, Of, Paid, Reserved, Shipped, panic_of};

#[test]
fn about_a_type_that_nobody_captures() {
    let recorder = Recorder::new();
    expect![[r"
        `behaviours::testing::Created` is not recorded here
        this recorder records nothing: no builder was given it
        to record it, write `.capture::<Created>(&recorder)` on the builder of the bus"]]
    .assert_eq(&panic_of(|| recorder.assert_none::<Created>()));

    let _ = Bus::isolated()
        .capture::<Reserved>(&recorder)
        .capture_with(&recorder, |event: &Paid| event.amount);
    expect![[r"
        `behaviours::testing::Of<behaviours::testing::Created>` is not recorded here
        this recorder captures `behaviours::testing::Reserved` and `behaviours::testing::Paid`
        to record it, write `.capture::<Of<Created>>(&recorder)` on the builder of the bus"]]
    .assert_eq(&panic_of(|| recorder.events::<Of<Created>>()));
}

#[test]
fn about_a_type_that_a_fake_leaves_alone() {
    let recorder = Recorder::new();
    let _ = Bus::isolated()
        .fake::<Reserved>(&recorder)
        .fake_with(&recorder, |event: &Paid| event.amount)
        .fake_if(&recorder, |event: &Of<u8>| event.0 == 1)
        .capture::<Shipped>(&recorder);
    expect![[r"
        `behaviours::testing::Created` is not recorded here
        this recorder captures `behaviours::testing::Shipped` and fakes `behaviours::testing::Reserved`, `behaviours::testing::Paid` and `behaviours::testing::Of<u8>`
        to record it, write `.capture::<Created>(&recorder)` on the builder of the bus"]]
    .assert_eq(&panic_of(|| recorder.count::<Created>()));

    let recorder = Recorder::new();
    let _ = Bus::isolated()
        .capture::<Reserved>(&recorder)
        .fake::<Reserved>(&recorder)
        .capture_all(&Recorder::new());
    assert!(panic_of(|| recorder.count::<Created>()).contains(
        "\nthis recorder captures `behaviours::testing::Reserved` and fakes `behaviours::testing::Reserved`\n"
    ));

    let recorder = Recorder::new();
    let _ = Bus::isolated().fake_all_but::<(Created, Reserved)>(&recorder);
    recorder.assert_none::<Shipped>();
    expect![[r"
        `behaviours::testing::Created` is not recorded here
        this recorder fakes every event but `behaviours::testing::Created` and `behaviours::testing::Reserved`
        to record it, write `.capture::<Created>(&recorder)` on the builder of the bus"]]
    .assert_eq(&panic_of(|| recorder.assert_count::<Created>(0)));
}

#[test]
fn about_the_values_of_what_is_recorded_without_them() {
    let recorder = Recorder::new();
    let _ = Bus::isolated().fake_all(&recorder);
    recorder.assert_count::<Created>(0);
    let text = panic_of(|| recorder.assert_any::<Created>(|_| true));
    expect![[r"
        `behaviours::testing::Created` is recorded with all the others, without its values
        to ask about them, write `.capture::<Created>(&recorder)` on the builder of the bus, too"]]
    .assert_eq(&text);
    let text = panic_of(|| recorder.projections::<Created, u64>());
    expect![[r"
        `behaviours::testing::Created` is recorded without its values, not as `u64`
        write `.capture_with(&recorder, |event: &Created| …)`, with a closure that returns `u64`, on the builder of the bus"]]
    .assert_eq(&text);
}

#[test]
fn about_the_values_of_what_is_recorded_as_something_else() {
    let recorder = Recorder::new();
    let _ = Bus::isolated()
        .capture_with(&recorder, |event: &Created| event.id)
        .fake_with(&recorder, |event: &Created| Some(event.id))
        .capture::<Reserved>(&recorder)
        .capture_with(&recorder, |_: &Reserved| "reserved");
    expect![[r"
        `behaviours::testing::Created` is recorded as `u64` and `Option<u64>`, not as itself
        ask `projections`, or write `.capture::<Created>(&recorder)` on the builder of the bus, too"]]
    .assert_eq(&panic_of(|| recorder.assert_one::<Created>(|_| true)));
    expect![[r"
        `behaviours::testing::Created` is recorded as `u64` and `Option<u64>`, not as `u32`
        write `.capture_with(&recorder, |event: &Created| …)`, with a closure that returns `u32`, on the builder of the bus"]]
    .assert_eq(&panic_of(|| recorder.projections::<Created, u32>()));
    expect![[r"
        `behaviours::testing::Reserved` is recorded as itself and `&str`, not as `String`
        write `.capture_with(&recorder, |event: &Reserved| …)`, with a closure that returns `String`, on the builder of the bus"]]
    .assert_eq(&panic_of(|| recorder.projections::<Reserved, String>()));
}

#[test]
fn each_way_to_ask_refuses() {
    let recorder = Recorder::new();
    let limit = std::time::Duration::MAX;
    let asked = [
        panic_of(|| recorder.events::<Created>()),
        panic_of(|| recorder.take::<Created>()),
        panic_of(|| recorder.count::<Created>()),
        panic_of(|| recorder.projections::<Created, ()>()),
        panic_of(|| recorder.assert_count::<Created>(0)),
        panic_of(|| recorder.assert_none::<Created>()),
        panic_of(|| recorder.assert_any::<Created>(|_| true)),
        panic_of(|| recorder.assert_one::<Created>(|_| true)),
        panic_of(|| recorder.assert_sequence::<(Created, Reserved)>()),
        panic_of(|| recorder.assert_in_order().then::<Created>(|_| true)),
        panic_of(|| recorder.wait_for::<Created>(limit, |_| true)),
        panic_of(|| recorder.try_wait_for::<Created>(limit, |_| true)),
        // When it is called, not when it is polled.
        panic_of(|| drop(recorder.wait_for_async::<Created>(limit, |_| true))),
        panic_of(|| drop(recorder.try_wait_for_async::<Created>(limit, |_| true))),
    ];
    for text in asked {
        assert!(
            text.starts_with("`behaviours::testing::Created` is not recorded here\n"),
            "{text}"
        );
    }
}

#[test]
fn two_projections_to_one_type_are_refused() {
    let recorder = Recorder::new();
    let builder = Bus::isolated().capture_with(&recorder, |event: &Created| event.id);
    let text = panic_of(|| builder.capture_with(&recorder, |event: &Created| event.id + 1));
    expect![[r"
        `behaviours::testing::Created` is projected to `u64` for this recorder already
        project it to another type, such as a tuple of both, or give the bus a second recorder"]]
    .assert_eq(&text);
    let builder = Bus::isolated().capture_with(&recorder, |event: &Created| event.id);
    assert_eq!(
        panic_of(|| builder.fake_with(&recorder, |event: &Created| event.id)),
        text
    );
    // Of another bus, or for another recorder.
    let _ = Bus::isolated()
        .capture_with(&recorder, |event: &Created| event.id)
        .capture_with(&Recorder::new(), |event: &Created| event.id);
}
