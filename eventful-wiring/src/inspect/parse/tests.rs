use super::super::{Record, RecordedTarget};
use super::parse;
use crate::{Contract, EventMode, Side};

const HANDLER: &str = "eventful 1 handler
crate storefront-billing 0.1.0
in storefront_billing::charge
at C:\\\\src\\\\charge.rs:14:15
fn Ledger::charge
id billing\\tcharge
order -10
after reserve
before-id mail.\\\\send
when
async
needs &Database
needs Option<&dyn Mailer>
of-as Paid<u64>
returns-as Changed<u64>
doc Debits what the order costs.
somethingNew that an old reader does not know
of 35:12 order.stock_reserved
returns 62:12 order.paid
returns 5:6<> shop::Changed
\0";

fn one(text: &str) -> Record {
    let mut records = parse(text.as_bytes()).unwrap();
    assert_eq!(records.len(), 1);
    records.remove(0)
}

#[test]
fn every_fact_of_a_handler_is_read() {
    let Record::Handler(handler) = one(HANDLER) else {
        panic!("not a handler");
    };
    assert_eq!(
        (&*handler.package.name, &*handler.package.version),
        ("storefront-billing", "0.1.0")
    );
    assert_eq!(handler.position.to_string(), "C:\\src\\charge.rs:14:15");
    assert_eq!(handler.path(), "storefront_billing::charge::Ledger::charge");
    assert_eq!(handler.id(), "billing\tcharge");
    assert_eq!(handler.order, -10);
    assert_eq!(handler.constraints[0].side, Side::After);
    let target = |number: usize| handler.constraints[number].target.clone();
    assert_eq!(target(0), RecordedTarget::Path("reserve".to_owned()));
    assert_eq!(target(1), RecordedTarget::Id("mail.\\send".to_owned()));
    assert!(handler.is_guarded && handler.is_async);
    assert_eq!(handler.needs, ["&Database", "Option<&dyn Mailer>"]);
    assert_eq!(handler.subject_as.as_deref(), Some("Paid<u64>"));
    assert_eq!(handler.returns_as, ["Changed<u64>"]);
    assert_eq!(handler.doc.as_deref(), Some("Debits what the order costs."));
    assert_eq!(handler.subject.name, "order.stock_reserved");
    assert_eq!((handler.subject.line, handler.subject.column), (35, 12));
    let returns = handler.returns.iter();
    let returns: Vec<_> = returns
        .map(|event| (&*event.name, event.line, event.is_generic))
        .collect();
    assert_eq!(
        returns,
        [("order.paid", 62, false), ("shop::Changed", 5, true)]
    );
}

#[test]
fn every_fact_of_an_event_is_read() {
    let Record::Event(event) = one(
        "eventful 1 event\ncrate a 1\nin a\nat src/lib.rs:1:2\nname a::B\nnamed\nasync\n\
                                    concurrent\nfail_fast\ngeneric\nhandlers 1..=3\nwith mut C\ndoc B.\nas 4:5* dyn a::C\n\0",
    ) else {
        panic!("not an event");
    };
    assert_eq!(event.name, "a::B");
    assert_eq!(event.mode, EventMode::Concurrent);
    assert!(event.has_own_name && event.is_fail_fast && event.is_generic);
    assert_eq!(event.contract, Some(Contract::new(1, Some(3))));
    assert_eq!(event.with.as_deref(), Some("mut C"));
    assert_eq!(event.families[0].name, "dyn a::C");
    assert_eq!(event.families[0].line, 4);
    assert!(event.families[0].is_family);
}

#[test]
fn gaps_and_records_of_unknown_kinds_are_passed_over() {
    let section = format!("\0\0{HANDLER}\0\0\0eventful 1 saga\nwhat ever\n\0{HANDLER}");
    assert_eq!(parse(section.as_bytes()).unwrap().len(), 2);
    assert!(parse(b"").unwrap().is_empty());
    assert!(parse(&[0; 100]).unwrap().is_empty());
}

#[test]
fn what_is_wrong_is_said() {
    let without = |line: &str| HANDLER.replace(&format!("{line}\n"), "");
    for (section, message) in [
        (
            HANDLER.replace("eventful 1", "eventful 2"),
            "the program has records of version 2, and this understands version 1; use a newer one",
        ),
        (
            "hello\0".to_owned(),
            "at byte 0 of the section no record begins",
        ),
        (
            format!("\0{}", HANDLER.trim_end_matches('\0')),
            "the record at byte 1 of the section has no end; the file may be cut off",
        ),
        (
            without("fn Ledger::charge"),
            "the record at byte 0 of the section has no line `fn`",
        ),
        (
            without("of 35:12 order.stock_reserved"),
            "the record at byte 0 of the section has no line `of`",
        ),
        (
            HANDLER.replace("of 35:12 order", "of order"),
            "the record at byte 0 of the section has a line that means nothing: \"of order.stock_reserved\"",
        ),
        (
            HANDLER.replace("order -10", "order many"),
            "the record at byte 0 of the section has a line that means nothing: \"order many\"",
        ),
        (
            HANDLER.replace("&Database", "&\\q"),
            "the record at byte 0 of the section has a line that means nothing: \"needs &\\\\q\"",
        ),
        (
            HANDLER.replace("&Database", "&\u{1b}[31mDatabase"),
            "the record at byte 0 of the section has a line that means nothing: \"needs &\\u{1b}[31mDatabase\"",
        ),
    ] {
        assert_eq!(parse(section.as_bytes()).unwrap_err().to_string(), message);
    }
    let no_text = [HANDLER.as_bytes(), b"eventful 1 event\nname \xff\n\0"].concat();
    assert!(
        parse(&no_text)
            .unwrap_err()
            .to_string()
            .ends_with("is no text")
    );
    assert!(
        parse(b"eventful 99999999999 event\n\0")
            .unwrap_err()
            .to_string()
            .ends_with("no record begins")
    );
}
