//! Closures in the order, and orders that are impossible.

use eventful::{Bus, event, handler};
use expect_test::expect;

use crate::trace::ids;

mod by_number {
    use super::*;

    #[event]
    struct Counted;

    #[handler(Counted, order = 7)]
    fn seven(_: &Counted) {}

    #[handler(Counted)]
    fn zero_written_first(_: &Counted) {}

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
fn every_cycle_is_named() {
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
    assert_eq!(error.to_string().matches("in a cycle").count(), 2);
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

    #[handler(Chained, before = [first, "behaviours::order::constraints::by_constraint::second"])]
    fn zeroth(_: &Chained) {}

    #[handler(Chained)]
    fn unconstrained(_: &Chained) {}

    #[test]
    fn an_id_that_is_given_on_purpose_is_not_another_handlers_own_path() {
        let error = Bus::isolated()
            .with(unconstrained)
            .subscribe(
                "behaviours::order::constraints::by_constraint::unconstrained",
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

    #[handler(Tangled, after = "behaviours::order::constraints::imposible::one")]
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
              - handlers twin (AT) and twin (AT) of `behaviours::order::constraints::impossible::Tangled` have the same id; give one of them another `id = "…"`
              - handler behaviours::order::constraints::impossible::misled (AT) of `behaviours::order::constraints::impossible::Tangled` says `after = elsewhere`, but that one handles `behaviours::order::constraints::impossible::Elsewhere`; name a handler of the same event, or remove the option
              - handler behaviours::order::constraints::impossible::misled (AT) of `behaviours::order::constraints::impossible::Tangled` says `before = "no.such.handler"`, but no linked handler has that id; write the id of another handler of the same event, or `eventful::link!()` where the handler's crate is only named in Cargo.toml
              - handler behaviours::order::constraints::impossible::late (AT) says that it runs before behaviours::order::constraints::impossible::one (AT), but `order` says the opposite (5 against 0); remove one of the two
              - handlers of `behaviours::order::constraints::impossible::Tangled` each run after the next, in a cycle: behaviours::order::constraints::impossible::one (AT), behaviours::order::constraints::impossible::two (AT), behaviours::order::constraints::impossible::three (AT); remove one `after` or `before`"#]]
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
              - handler behaviours::order::constraints::impossible::misspelt (AT) of `behaviours::order::constraints::impossible::Tangled` says `after = "behaviours::order::constraints::imposible::one"`, but no linked handler has that id; did you mean "behaviours::order::constraints::impossible::one"? write `eventful::link!()` where the handler's crate is only named in Cargo.toml
              - handler behaviours::order::constraints::impossible::misspelt_elsewhere (AT) of `behaviours::order::constraints::impossible::Elsewhere` says `after = "misspelt"`, but no linked handler has that id; write the id of another handler of the same event, or `eventful::link!()` where the handler's crate is only named in Cargo.toml
              - handler behaviours::order::constraints::impossible::misspelt_elsewhere (AT) of `behaviours::order::constraints::impossible::Elsewhere` says `before = "elsewere"`, but no linked handler has that id; did you mean "behaviours::order::constraints::impossible::elsewhere"? write `eventful::link!()` where the handler's crate is only named in Cargo.toml"#]].assert_eq(&regex_lite_replace_positions(&text));
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
