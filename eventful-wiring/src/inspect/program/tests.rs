use std::fmt::Write;

use expect_test::{Expect, expect};

use super::super::parse;
use super::Program;
use crate::{WiredEvent, WiredHandler};

/// A program of records that are written as in a file, with a blank line between two of them; its crate and the file
/// are added.
fn program(records: &str) -> Program {
    let mut section = String::new();
    for (line, record) in (1..).zip(records.split("\n\n")) {
        let (kind, facts) = record.trim().split_once('\n').unwrap();
        let facts: Vec<_> = facts.lines().map(str::trim).collect();
        write!(
            section,
            "eventful 1 {kind}\ncrate shop 1.0.0\nin shop\nat src/lib.rs:{line}:1\n{}\n\0",
            facts.join("\n")
        )
        .unwrap();
    }
    Program::new(parse(section.as_bytes()).unwrap())
}

const PAID: &str = "event
    name shop::Paid";

/// A handler of `shop::Paid`, which is declared in line 1.
fn handler(name: &str, facts: &str) -> String {
    format!("handler\nfn {name}\n{facts}of 1:1 shop::Paid")
}

fn with_handlers(event: &str, handlers: &[(&str, &str)]) -> Program {
    let handlers = handlers.iter().map(|(name, facts)| handler(name, facts));
    let records: Vec<_> = [event.to_owned()].into_iter().chain(handlers).collect();
    program(&records.join("\n\n"))
}

fn ids(program: &Program) -> Vec<&str> {
    let handlers = program.wiring().events()[0].handlers().iter();
    handlers.map(WiredHandler::id).collect()
}

fn has_fault(program: &Program, expected: &Expect) {
    let faults: Vec<_> = program
        .faults()
        .iter()
        .map(|fault| format!("{:?} at {}: {fault}\n", fault.kind(), fault.position()))
        .collect();
    expected.assert_eq(&faults.concat());
}

#[test]
fn handlers_stand_in_the_order_in_which_they_run() {
    let program = with_handlers(
        PAID,
        &[
            ("third", "after second\n"),
            ("first", "order -1\n"),
            ("second", "before-id shop::fourth\n"),
            ("fourth", ""),
        ],
    );
    assert_eq!(
        ids(&program),
        ["shop::first", "shop::second", "shop::third", "shop::fourth"]
    );
    assert!(program.faults().is_empty() && program.unresolved().is_empty());
}

#[test]
fn a_target_with_another_name_is_told_as_it_is_written_and_moves_nobody() {
    let program = with_handlers(PAID, &[("first", "after saved\n"), ("second", "")]);
    assert_eq!(ids(&program), ["shop::first", "shop::second"]);
    assert!(program.faults().is_empty());
    let [unresolved] = program.unresolved() else {
        panic!("{:?}", program.unresolved());
    };
    assert_eq!(
        unresolved.to_string(),
        "shop::first (src/lib.rs:2:1) says `after = saved`"
    );
}

#[test]
fn a_cycle() {
    let program = with_handlers(
        PAID,
        &[
            ("one", "after two\n"),
            ("two", "after one\n"),
            ("three", ""),
        ],
    );
    has_fault(
        &program,
        &expect![[r"
            Cycle at src/lib.rs:2:1: handlers of `shop::Paid` each run after the next, in a cycle: shop::one (src/lib.rs:2:1), shop::two (src/lib.rs:3:1); remove one `after` or `before`
        "]],
    );
    assert_eq!(ids(&program).len(), 3);
}

#[test]
fn what_contradicts_order() {
    let program = with_handlers(
        PAID,
        &[("one", "order 5\nbefore two\n"), ("two", "order 3\n")],
    );
    has_fault(
        &program,
        &expect![[r"
            AgainstOrder at src/lib.rs:2:1: handler shop::one (src/lib.rs:2:1) says that it runs before shop::two (src/lib.rs:3:1), but `order` says the opposite (5 against 3); remove one of the two
        "]],
    );
}

#[test]
fn a_target_that_handles_another_event_or_is_none() {
    let others = "event\nname shop::Lost\n\nhandler\nfn lose\nof 2:1 shop::Lost";
    let own = handler("one", "after lose\nbefore-id nobody\n");
    has_fault(
        &program(&format!("{PAID}\n\n{others}\n\n{own}")),
        &expect![[r#"
            TargetMissing at src/lib.rs:4:1: handler shop::one (src/lib.rs:4:1) of `shop::Paid` says `after = lose`, but that one handles `shop::Lost`; name a handler of the same event, or remove the option
            TargetMissing at src/lib.rs:4:1: handler shop::one (src/lib.rs:4:1) of `shop::Paid` says `before = "nobody"`, but no linked handler has that id; write the id of another handler of the same event, or `eventful::link!()` where the handler's crate is only named in Cargo.toml
        "#]],
    );
}

#[test]
fn contracts() {
    let event = "event\nname shop::Paid\nhandlers 1..=1";
    has_fault(
        &program(event),
        &expect![[r"
            ContractBroken at src/lib.rs:1:1: event `shop::Paid` (src/lib.rs:1:1) says `handlers = 1`, but no handler of its own is linked, and those of families do not count; write one, or `eventful::link!()` where its crate is only named in Cargo.toml; a test of a single crate begins with `Bus::isolated()`
        "]],
    );
    has_fault(
        &with_handlers(event, &[("one", ""), ("two", "")]),
        &expect![[r"
            ContractBroken at src/lib.rs:1:1: event `shop::Paid` (src/lib.rs:1:1) says `handlers = 1`, but has 2 handlers of its own: shop::one (src/lib.rs:2:1), shop::two (src/lib.rs:3:1); link as many as it says, or change the contract
        "]],
    );
    let catch_all = "handler\nfn count\nof 1:1* dyn eventful::AnyEvent";
    assert_eq!(
        program(&format!("{event}\n\n{catch_all}")).faults().len(),
        1
    );
    assert!(with_handlers(event, &[("one", "")]).faults().is_empty());
}

#[test]
fn ids_and_names_that_were_chosen_are_shared() {
    has_fault(
        &with_handlers(PAID, &[("one", "id pay\n"), ("two", "id pay\n")]),
        &expect![[r#"
            SharedId at src/lib.rs:3:1: handlers pay (src/lib.rs:3:1) and pay (src/lib.rs:2:1) of `shop::Paid` have the same id; give one of them another `id = "…"`
        "#]],
    );
    has_fault(
        &program("event\nname paid\nnamed\n\nevent\nname paid\nnamed"),
        &expect![[r#"
            SharedName at src/lib.rs:2:1: two events are named `paid`, at src/lib.rs:1:1 and at src/lib.rs:2:1; give one of them another `name = "…"`
        "#]],
    );
    let not_chosen = program(&format!("{PAID}\n\n{PAID}"));
    assert!(not_chosen.faults().is_empty());
    let names = not_chosen.wiring().events().iter().map(WiredEvent::name);
    assert_eq!(names.collect::<Vec<_>>(), ["shop::Paid", "shop::Paid #2"]);
}

#[test]
fn a_handler_that_is_reached_in_two_ways_runs_once() {
    let program = program(
        "event
         name shop::Paid
         as 2:1* dyn shop::Auditable

         family
         name shop::Auditable

         handler
         fn audit
         of 2:1* dyn shop::Auditable

         handler
         fn note
         of 2:1* dyn shop::Auditable",
    );
    assert_eq!(ids(&program), ["shop::audit", "shop::note"]);
    let [family] = program.wiring().families() else {
        panic!("one family");
    };
    assert_eq!(family.members(), ["shop::Paid"]);
    assert_eq!(family.handlers().len(), 2);
    assert_eq!(family.position().unwrap().line(), 2);
}

#[test]
fn each_instantiation_of_a_generic_event_is_an_event() {
    let program = program(
        "event
         name shop::Changed
         generic

         handler
         fn rename
         of-as Changed<String>
         returns-as Changed<u64>
         returns-as Changed<bool>
         of 1:1<> shop::Changed
         returns 1:1<> shop::Changed
         returns 1:1<> shop::Changed
         returns 1:1<> shop::Changed",
    );
    let events = program.wiring().events().iter();
    let events: Vec<_> = events
        .map(|event| (event.name(), event.handlers().len()))
        .collect();
    assert_eq!(
        events,
        [
            ("shop::Changed<String>", 1),
            ("shop::Changed<_>", 0),
            ("shop::Changed<bool>", 0),
            ("shop::Changed<u64>", 0),
        ]
    );
}

#[test]
fn ten_thousand_handlers_are_put_in_order() {
    let mut section = String::new();
    for event in 0..1_000 {
        write!(
            section,
            "eventful 1 event\nin shop\nat src/lib.rs:{event}:1\nname shop::E{event}\n\0"
        )
        .unwrap();
        for handler in 0..10 {
            let after = match handler {
                0 => String::new(),
                _ => format!("after h{event}_{}\n", handler - 1),
            };
            write!(
                section,
                "eventful 1 handler\nin shop\nat src/lib.rs:{event}:{}\nfn h{event}_{handler}\n{after}of {event}:1 shop::E{event}\n\0",
                20 - handler
            )
            .unwrap();
        }
    }
    let program = Program::new(parse(section.as_bytes()).unwrap());
    assert!(program.faults().is_empty() && program.unresolved().is_empty());
    for event in program.wiring().events() {
        let ids: Vec<_> = event
            .handlers()
            .iter()
            .map(|it| it.id().chars().last())
            .collect();
        let expected: Vec<_> = "0123456789".chars().map(Some).collect();
        assert_eq!(ids, expected);
    }
}

#[test]
fn what_the_publisher_lends_is_no_resource() {
    let needs = "needs &web::User\nneeds Option<&User>\nneeds &Users\nneeds &Bus\n";
    for (with, lent) in [
        (
            "with crate::web::User\n",
            vec!["&web::User", "Option<&User>"],
        ),
        ("with mut User\n", vec![]),
        ("", vec![]),
    ] {
        let program = with_handlers(&format!("{PAID}\n{with}"), &[("audit", needs)]);
        let event = &program.wiring().events()[0];
        assert_eq!(event.with(), with.trim().strip_prefix("with "));
        let handler = &event.handlers()[0];
        assert_eq!(handler.lent(), lent, "{with}");
        assert_eq!(handler.lent().len() + handler.resources().len(), 4);
    }
    let program = with_handlers(
        PAID,
        &[("write", "needs &mut Vec<a::B>\nneeds &Vec<a::B>\n")],
    );
    let handler = &program.wiring().events()[0].handlers()[0];
    assert_eq!(handler.lent(), ["&mut Vec<a::B>"]);
    assert_eq!(handler.resources().len(), 1);
}
