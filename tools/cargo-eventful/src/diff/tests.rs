use anstream::adapter::strip_str;
use eventful_wiring::inspect::{Program, parse as parse_records};

use super::compare::compare;
use super::parse;
use super::report::text;
use crate::snapshot::Snapshot;

/// The records of a program, a fact a line, with a line `--` between two records.
fn snapshot(records: &str) -> Snapshot {
    let section = format!("eventful 1 {records}\0").replace("--\n", "\0eventful 1 ");
    let program = Program::new(parse_records(section.as_bytes()).unwrap());
    Snapshot::new(&program, program.wiring())
}

fn difference(old: &str, new: &str) -> String {
    let differences = compare(&snapshot(old), &snapshot(new));
    strip_str(&text(&differences)).to_string()
}

const PAID: &str = "event\ncrate shop 1.0.0\nin shop\nat src/lib.rs:3:12\nname shop::Paid\n";

fn handler(name: &str, line: u32, facts: &str) -> String {
    format!(
        "--\nhandler\ncrate shop 1.0.0\nin shop\nat src/lib.rs:{line}:4\nfn {name}\n{facts}of 3:12 shop::Paid\n"
    )
}

#[test]
fn what_is_only_written_elsewhere_is_the_same() {
    let old = format!("{PAID}{}", handler("send", 5, "doc Sends.\n"));
    let new = format!("{PAID}{}", handler("send", 50, "doc Sends it.\n"));
    assert_eq!(difference(&old, &new), "no difference\n");
}

#[test]
fn what_handlers_say_and_who_they_are_is_compared() {
    let old = format!(
        "{PAID}{}{}",
        handler("send", 5, "needs &Mailer\n"),
        handler("audit", 6, "order -10\n")
    );
    let new = format!(
        "{PAID}handlers 1..\n{}{}",
        handler("send", 5, "needs &Mailer\nneeds &Cache\nwhen\n"),
        handler("charge", 7, "async\n")
    );
    assert_eq!(
        difference(&old, &new),
        "\
~ event shop::Paid
      handlers: nothing -> 1..
    - shop::audit
          order: -10
    ~ shop::send
          guard: nothing -> when = ...
          needs: &Mailer -> &Mailer, &Cache
    + shop::charge
          mode: async
"
    );
}

#[test]
fn an_event_that_is_added_has_all_its_handlers_below_it() {
    let refunded =
        "--\nevent\ncrate shop 1.0.0\nin shop\nat src/lib.rs:9:12\nname shop::Refunded\nasync\n";
    let new = format!("{PAID}{}{refunded}", handler("send", 5, ""));
    assert_eq!(
        difference(refunded.trim_start_matches("--\n"), &new),
        "+ event shop::Paid\n    + shop::send\n"
    );
}

#[test]
fn another_order_is_told_with_the_places_as_they_were() {
    let old = format!("{PAID}{}{}", handler("a", 5, ""), handler("b", 6, ""));
    let new = format!(
        "{PAID}{}{}",
        handler("a", 5, "after b\n"),
        handler("b", 6, "")
    );
    assert_eq!(
        difference(&old, &new),
        "\
~ event shop::Paid
    ~ shop::a
          place: nothing -> after = b
    ~ they run in another order:
        1. shop::b  (was 2)
        2. shop::a  (was 1)
"
    );
}

#[test]
fn a_snapshot_is_what_it_was_made_from() {
    let program = snapshot(&format!("{PAID}{}", handler("send", 5, "when\n")));
    let json = serde_json::to_vec(&program).unwrap();
    assert_eq!(parse(&json), Ok(program));
}

#[test]
fn what_is_no_snapshot_or_a_newer_one_is_said() {
    let problem = parse(b"{\"eventful\": 2}").unwrap_err();
    assert!(
        problem.contains("version 2") && problem.contains("update"),
        "{problem}"
    );
    let problem = parse(b"{\"events\": []}").unwrap_err();
    assert!(problem.contains("list --format json"), "{problem}");
}
