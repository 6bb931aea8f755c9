use std::path::Path;

use anstream::adapter::strip_str;
use eventful_wiring::inspect::{Program, parse};

use super::super::finding::{Finding, Kind, cycles, heard_by_families};
use super::{github, text, unresolved};

fn finding() -> Finding {
    Finding {
        kind: Kind::NotLinked,
        message: "the crate `audit` is not linked\u{1b}[31m".to_owned(),
        help: Some("50% more\nor less".to_owned()),
        difference: None,
        write: Some("eventful::link!();".to_owned()),
        file: Some("src/a,b.rs".to_owned()),
        line: None,
        column: None,
    }
}

#[test]
fn an_annotation_is_one_line_and_its_file_is_that_of_the_repository() {
    let finding = Finding {
        line: Some(4),
        column: Some(7),
        ..finding()
    };
    assert_eq!(
        github(&[finding], Path::new("server")),
        "::error file=server/src/a%2Cb.rs,line=4,col=7,title=handlers are not linked::\
         the crate `audit` is not linked\u{1b}[31m%0Awrite here: eventful::link!();%0A50%25 more%0Aor less\n"
    );
}

#[test]
fn a_difference_is_shown_line_by_line() {
    let changed = Finding {
        kind: Kind::Changed,
        message: "the wiring is not what `wiring.txt` holds".to_owned(),
        help: Some("run this".to_owned()),
        difference: Some("  a\n-\n+ b\u{1b}\n".to_owned()),
        write: None,
        file: Some("wiring.txt".to_owned()),
        line: None,
        column: None,
    };
    assert_eq!(
        strip_str(&text(&[changed], 3)).to_string(),
        "\
error: the wiring is not what `wiring.txt` holds
  at wiring.txt
      a
    -
    + b\u{fffd}
  run this

1 finding
"
    );
}

#[test]
fn an_event_that_only_families_hear_is_found_unless_its_contract_says_so() {
    let heard_by = |contract: &str, subject: &str| {
        let facts = |kind: &str, line: u32| {
            format!("eventful 1 {kind}\ncrate a 1.0.0\nin a\nat src/lib.rs:{line}:1\n")
        };
        let event = format!(
            "{}name a::Paid\n{contract}as 1:1* dyn a::Auditable\n\0",
            facts("event", 3)
        );
        let handler = format!("{}fn audit\nof {subject}\n\0", facts("handler", 4));
        let program = Program::new(parse(format!("{event}{handler}").as_bytes()).unwrap());
        let findings = heard_by_families(program.wiring()).into_iter();
        findings.map(|it| it.message).collect::<Vec<_>>()
    };
    let (family, all, own) = (
        "1:1* dyn a::Auditable",
        "1:1* dyn eventful::AnyEvent",
        "3:1 a::Paid",
    );
    let message = "only families hear the event `a::Paid`: it has no handler of its own";
    assert_eq!(heard_by("", family), [message]);
    assert_eq!(heard_by("", all), [message]);
    assert_eq!(heard_by("handlers 0..=0\n", family), [""; 0]);
    assert_eq!(heard_by("", own), [""; 0]);
}

#[test]
fn a_generic_event_that_only_families_hear_is_found_unless_an_instantiation_has_a_handler() {
    let records = "eventful 1 event\nin a\nat src/lib.rs:3:1\nname a::Paid\ngeneric\nas 1:1* dyn a::Auditable\n\0\
        eventful 1 handler\nin a\nat src/lib.rs:4:1\nfn audit\nof 1:1* dyn a::Auditable\n\0";
    let own =
        "eventful 1 handler\nin a\nat src/lib.rs:5:1\nfn own\nof 3:1<> a::Paid\nof-as Paid<u8>\n\0";
    let heard_by = |records: &str| {
        let program = Program::new(parse(records.as_bytes()).unwrap());
        let findings = heard_by_families(program.wiring()).into_iter();
        findings.map(|it| it.message).collect::<Vec<_>>()
    };
    let message = "only families hear the event `a::Paid<_>`: it has no handler of its own";
    assert_eq!(heard_by(records), [message]);
    assert_eq!(heard_by(&format!("{records}{own}")), [""; 0]);
}

#[test]
fn people_are_told_what_to_write_and_where() {
    let added = finding();
    let replaced = Finding {
        line: Some(4),
        help: None,
        ..finding()
    };
    assert_eq!(
        strip_str(&text(&[added, replaced], 3)).to_string(),
        "\
error: the crate `audit` is not linked\u{fffd}[31m
  write in src/a,b.rs
    eventful::link!();
  50% more\u{fffd}or less

error: the crate `audit` is not linked\u{fffd}[31m
  write instead of src/a,b.rs:4
    eventful::link!();

2 findings
"
    );
}

#[test]
fn a_clean_program_is_said_to_be_clean() {
    assert_eq!(
        strip_str(&text(&[], 1)).to_string(),
        "clean: 1 event, and all of its handlers are linked\n"
    );
}

#[test]
fn an_order_that_a_file_does_not_tell_is_named() {
    let section = b"eventful 1 event\nin shop\nat src/lib.rs:3:12\nname shop::Paid\n\0\
        eventful 1 handler\nin shop\nat src/lib.rs:7:4\nfn send\nafter saved\nof 3:12 shop::Paid\n\0";
    let program = Program::new(parse(section).unwrap());
    assert_eq!(
        unresolved(&program),
        [
            "shop::send (src/lib.rs:7:4) says `after = saved`, which a file does not resolve; the order in which it runs is not checked"
        ]
    );
}

#[test]
fn a_cycle_of_events_names_them_and_the_flag_that_accepts_it() {
    let section = b"eventful 1 event\nin shop\nat src/lib.rs:3:12\nname Placed\n\0\
        eventful 1 event\nin shop\nat src/lib.rs:5:12\nname Held\n\0\
        eventful 1 handler\nin shop\nat src/lib.rs:7:4\nfn hold\nof 3:12 Placed\nreturns 5:12 Held\n\0\
        eventful 1 handler\nin shop\nat src/lib.rs:9:4\nfn retry\nof 5:12 Held\nreturns 3:12 Placed\n\0";
    let program = Program::new(parse(section).unwrap());
    let findings = cycles(program.wiring());
    assert_eq!(
        strip_str(&text(&findings, 2)).to_string(),
        "\
error: events cause each other, in a cycle: `Held` -> `Placed` -> `Held`
  at src/lib.rs:5
  it ends only if a handler returns nothing; where one does, say `--allow-cycles`

1 finding
"
    );
}
