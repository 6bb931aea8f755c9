//! In which order handlers run, and which orders are impossible.

use eventful::{Bus, event, handler};
use expect_test::expect;

fn ids<E: eventful::Event>(bus: &Bus) -> String {
    let short = |id: &'static str| id.rsplit("::").next().unwrap_or(id);
    bus.handlers::<E>()
        .iter()
        .map(|handler| short(handler.id()))
        .collect::<Vec<_>>()
        .join(" ")
}

mod by_number {
    use super::*;

    #[event]
    struct Counted;

    #[handler(Counted, order = 7)]
    fn seven(_: &Counted) {}

    #[handler(Counted)]
    fn zero_written_first(_: &Counted) {}

    #[handler(Counted, order = -2147483648)]
    fn smallest(_: &Counted) {}

    #[handler(Counted, order = -3)]
    fn minus_three(_: &Counted) {}

    #[handler(Counted, order = 2147483647)]
    fn largest(_: &Counted) {}

    #[handler(Counted, order = 0)]
    fn zero_written_second(_: &Counted) {}

    mod deeper {
        use super::*;

        #[handler(Counted)]
        fn zero_in_a_deeper_module(_: &Counted) {}
    }

    #[test]
    fn ascending_then_by_module_path_and_line() {
        let bus = Bus::isolated()
            .with_id("runtime::order::by_number::deeper::zero_in_a_deeper_module")
            .with(largest)
            .with(zero_written_second)
            .with(seven)
            .with(zero_written_first)
            .with(minus_three)
            .with(smallest)
            .build()
            .unwrap();
        assert_eq!(
            ids::<Counted>(&bus),
            "smallest minus_three zero_written_first zero_written_second zero_in_a_deeper_module seven largest"
        );
    }

    #[test]
    fn closures_come_after_linked_handlers_of_order_zero_in_the_order_of_the_calls() {
        let bus = Bus::isolated()
            .subscribe("b", |_: &Counted| {})
            .subscribe("a", |_: &Counted| {})
            .with(seven)
            .with(zero_written_first)
            .build()
            .unwrap();
        assert_eq!(ids::<Counted>(&bus), "zero_written_first b a seven");
    }
}

#[test]
fn closures_stay_in_the_order_of_the_calls_when_others_are_removed() {
    #[event]
    struct Plain;

    #[handler(Plain)]
    fn one(_: &Plain) {}

    #[handler(Plain)]
    fn two(_: &Plain) {}

    let bus = Bus::isolated()
        .with(one)
        .with(two)
        .subscribe("a", |_: &Plain| {})
        .without(one)
        .without(two)
        .subscribe("b", |_: &Plain| {})
        .build()
        .unwrap();
    assert_eq!(ids::<Plain>(&bus), "a b");
}

#[test]
fn every_circle_is_named() {
    #[event]
    struct Round;

    #[handler(Round, after = second)]
    fn first(_: &Round) {}

    #[handler(Round, after = first)]
    fn second(_: &Round) {}

    #[handler(Round, after = fourth)]
    fn third(_: &Round) {}

    #[handler(Round, after = third)]
    fn fourth(_: &Round) {}

    let error = Bus::isolated()
        .with(first)
        .with(second)
        .with(third)
        .with(fourth)
        .build()
        .unwrap_err();
    assert_eq!(error.faults().len(), 2, "{error}");
    assert_eq!(error.to_string().matches("in a circle").count(), 2);
}

mod by_constraint {
    use super::*;

    #[event]
    struct Chained;

    #[handler(Chained, after = second)]
    fn third(_: &Chained) {}

    #[handler(Chained, after = "the.first")]
    fn second(_: &Chained) {}

    #[handler(Chained, id = "the.first")]
    fn first(_: &Chained) {}

    #[handler(Chained, before = [first, "runtime::order::by_constraint::second"])]
    fn zeroth(_: &Chained) {}

    #[handler(Chained)]
    fn unconstrained(_: &Chained) {}

    #[handler(Chained, order = -1, before = third)]
    fn agrees_with_its_order(_: &Chained) {}

    #[test]
    fn after_and_before_by_path_and_by_id() {
        let bus = Bus::isolated()
            .with(third)
            .with(second)
            .with(first)
            .with(zeroth)
            .with(unconstrained)
            .with(agrees_with_its_order)
            .build()
            .unwrap();
        assert_eq!(
            ids::<Chained>(&bus),
            "agrees_with_its_order zeroth the.first second third unconstrained"
        );
    }

    #[test]
    fn an_id_that_is_given_on_purpose_is_not_another_handlers_own_path() {
        let error = Bus::isolated()
            .with(unconstrained)
            .subscribe(
                "runtime::order::by_constraint::unconstrained",
                |_: &Chained| {},
            )
            .build()
            .unwrap_err();
        assert!(error.to_string().contains("have the same id"), "{error}");
    }

    #[test]
    fn what_a_bus_is_built_without_constrains_nobody_on_it() {
        let bus = Bus::isolated().with(third).with(zeroth).build().unwrap();
        assert_eq!(ids::<Chained>(&bus), "third zeroth");
    }
}

mod impossible {
    use super::*;

    #[event]
    struct Tangled;

    #[event]
    struct Elsewhere;

    #[handler(Tangled, after = two)]
    fn one(_: &Tangled) {}

    #[handler(Tangled, after = three)]
    fn two(_: &Tangled) {}

    #[handler(Tangled, after = one)]
    fn three(_: &Tangled) {}

    #[handler(Tangled, order = 5, before = one)]
    fn late(_: &Tangled) {}

    #[handler(Elsewhere)]
    fn elsewhere(_: &Elsewhere) {}

    #[handler(Tangled, after = elsewhere, before = "no.such.handler")]
    fn misled(_: &Tangled) {}

    #[handler(Tangled, after = "runtime::order::imposible::one")]
    fn misspelt(_: &Tangled) {}

    #[handler(Elsewhere, after = "misspelt", before = "elsewere")]
    fn misspelt_elsewhere(_: &Elsewhere) {}

    #[handler(Tangled, id = "twin")]
    fn twin(_: &Tangled) {}

    #[test]
    fn every_impossible_order_is_named_with_its_handlers() {
        let error = Bus::isolated()
            .with(one)
            .with(two)
            .with(three)
            .with(late)
            .with(misled)
            .with(twin)
            .subscribe("twin", |_: &Tangled| {})
            .build()
            .unwrap_err();
        let text = error.to_string().replace('\\', "/");
        let text = regex_lite_replace_positions(&text);
        expect![[r#"
            the bus cannot be built, 5 faults:
              - handlers twin (AT) and twin (AT) of `runtime::order::impossible::Tangled` have the same id; give one of them another `id = "…"`
              - handler runtime::order::impossible::misled (AT) of `runtime::order::impossible::Tangled` says `after = elsewhere`, but that one handles `runtime::order::impossible::Elsewhere`; name a handler of the same event, or remove the option
              - handler runtime::order::impossible::misled (AT) of `runtime::order::impossible::Tangled` says `before = "no.such.handler"`, but no linked handler has that id; write the id of another handler of the same event, or `eventful::link!()` where the handler's crate is only named in Cargo.toml
              - handler runtime::order::impossible::late (AT) says that it runs before runtime::order::impossible::one (AT), but `order` says the opposite (5 against 0); remove one of the two
              - handlers of `runtime::order::impossible::Tangled` each run after the next, in a circle: runtime::order::impossible::one (AT), runtime::order::impossible::two (AT), runtime::order::impossible::three (AT); remove one `after` or `before`"#]]
        .assert_eq(&text);
        assert!(
            error.to_string().contains(&format!("{}:", file!())),
            "positions name the file: {error}"
        );
    }

    #[test]
    fn an_unknown_id_is_told_which_one_of_the_same_event_may_have_been_meant() {
        let error = Bus::isolated()
            .with(misspelt)
            .with(misspelt_elsewhere)
            .build()
            .unwrap_err();
        let text = error.to_string().replace('\\', "/");
        expect![[r#"
            the bus cannot be built, 3 faults:
              - handler runtime::order::impossible::misspelt (AT) of `runtime::order::impossible::Tangled` says `after = "runtime::order::imposible::one"`, but no linked handler has that id; did you mean "runtime::order::impossible::one"? write `eventful::link!()` where the handler's crate is only named in Cargo.toml
              - handler runtime::order::impossible::misspelt_elsewhere (AT) of `runtime::order::impossible::Elsewhere` says `after = "misspelt"`, but no linked handler has that id; write the id of another handler of the same event, or `eventful::link!()` where the handler's crate is only named in Cargo.toml
              - handler runtime::order::impossible::misspelt_elsewhere (AT) of `runtime::order::impossible::Elsewhere` says `before = "elsewere"`, but no linked handler has that id; did you mean "runtime::order::impossible::elsewhere"? write `eventful::link!()` where the handler's crate is only named in Cargo.toml"#]].assert_eq(&regex_lite_replace_positions(&text));
    }

    /// `(file:line:column)` as `(AT)`, so that a line added above changes no snapshot.
    fn regex_lite_replace_positions(text: &str) -> String {
        let mut output = String::new();
        for (index, part) in text
            .split(&format!("({}:", file!().replace('\\', "/")))
            .enumerate()
        {
            if index == 0 {
                output.push_str(part);
            } else {
                output.push_str("(AT");
                output.push_str(&part[part.find(')').unwrap_or(0)..]);
            }
        }
        output
    }
}
