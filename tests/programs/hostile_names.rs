//! Names, ids, documentation and paths that are nobody's idea of a name: what a program's file says is the same as what
//! the program says, and each record is still a record.
#![cfg(feature = "records")]

#[path = "records/file.rs"]
mod file;
#[path = "hostile_names/ein „Pfad“, 'so' (100%) #1.rs"]
mod pfad;

use std::env;

use eventful::wiring::WiredEvent;
use eventful::{Bus, Event as _, Wiring, event, family, handler, handlers};
use eventful_wiring::inspect::{HandlerRecord, Program, Record};

#[doc = " \\t A tab, a \\ backslash, a \"quote\", a `tick`, \\u{1b}[31m as it is written,\tand one that is there.\n\n eventful 1 event"]
#[event(name = "line\nfn forged\n\0eventful 1 event\ncrate a 1")]
struct Lines;

#[doc = "\u{1b}[31mred\u{1b}[0m \r \u{7} \u{85} \u{9b}\0"]
#[event(name = "\u{1b}[31mred\u{1b}[0m\r\t\\ \\n \\u{41} \u{7f}\u{9b}")]
struct Red;

#[event(name = "dyn hostile_names::Auditable")]
struct LooksLikeAFamily;

#[event(name = "r#mod, which is no path")]
struct Raw;

#[event]
struct Twice;

mod other {
    #[eventful::event]
    pub(crate) struct Twice;

    // What the second of two is shown as.
    #[eventful::event(name = "hostile_names::Twice #2")]
    pub(crate) struct Second;
}

#[event(name = " leading and trailing ")]
struct Spaces;

#[event(name = "ein Ärgernis, 名前, \u{202e}umgekehrt, e\u{301}")]
struct Wide;

#[event(name = "generic\n")]
struct Generic<T>(T);

#[family]
trait Auditable {}

impl Auditable for r#Match {}

#[event(as(dyn Auditable))]
struct r#Match;

#[event(as(dyn r#mod::r#dyn))]
struct Keyword;

impl r#mod::r#dyn for Keyword {}

mod r#mod {
    use super::Keyword;

    #[eventful::event]
    pub(crate) struct r#Try;

    #[eventful::event(as(dyn r#dyn))]
    pub(crate) struct r#Changed<T>(T);

    impl<T: Send + Sync + 'static> r#dyn for Changed<T> {}

    #[eventful::handler(r#Try)]
    fn trying(_: &r#Try) {}

    #[eventful::handler(r#Changed<u8>, id = "r#mod::changed")]
    fn changed(_: &Changed<u8>) -> Option<Keyword> {
        None
    }

    #[expect(
        non_camel_case_types,
        reason = "a keyword is the worst name that there is"
    )]
    #[eventful::family]
    pub(crate) trait r#dyn {}

    #[eventful::handler(dyn r#dyn)]
    fn r#fn(_: &dyn r#dyn) {}

    #[eventful::handler(Keyword, after = r#fn)]
    fn r#match(_: &Keyword, _: &super::r#Type) {}
}

#[handler(r#mod::r#Try, after = "hostile_names::mod::trying")]
fn tried(_: &r#mod::r#Try) -> Option<(Generic<u8>, r#mod::r#Changed<u8>)> {
    None
}

struct r#Type;

#[expect(clippy::unused_self, reason = "it is about names")]
#[handlers]
impl r#Type {
    #[handler(Lines, id = "id\nof forged\n\0")]
    fn r#loop(&self, _: &Lines) {}
}

#[handler(Lines, after = "id\nof forged\n\0")]
fn behind(_: &Lines) {}

#[handler(Lines, Red, id = "\\n \\u{41} \" \u{1b}")]
fn audit<E: eventful::Event>(_: &E) {}

#[handler(LooksLikeAFamily)]
fn of_an_event(_: &LooksLikeAFamily) -> (Option<Red>, Option<Wide>, Option<Lines>) {
    (None, None, None)
}

#[handler(dyn Auditable)]
fn of_a_family(_: &dyn Auditable) {}

#[handler(Twice)]
fn of_the_first(_: &Twice) -> other::Twice {
    other::Twice
}

#[handler(other::Twice)]
fn of_the_second(_: &other::Twice) -> Option<other::Second> {
    None
}

#[handler(Generic<&'static str>)]
fn generic(_: &Generic<&'static str>) -> Option<Generic<[u8; 3]>> {
    None
}

#[handler(Twice)]
fn of_the_first_and_no_other(_: &Twice) -> Result<std::convert::Infallible, String> {
    Err("refused".to_owned())
}

/// Two functions of one name, which only their places tell apart.
fn in_functions() {
    fn first() {
        #[handler(Spaces)]
        fn same(_: &Spaces) {}
    }
    fn second() {
        #[handler(Spaces)]
        fn same(_: &Spaces) {}
    }
    first();
    second();
}

macro_rules! listen {
    ($($name:ident),*) => {
        $(#[handler(Wide)] fn $name(_: &Wide) {})*
    };
}

listen!(one, two, three);

fn program() -> Program {
    file::program(&env::current_exe().expect("this program has a path"))
}

fn wiring() -> Wiring {
    Bus::builder()
        .wiring()
        .expect("this program's handlers can be put in order")
}

#[test]
fn the_file_says_what_the_program_says() {
    in_functions();
    let (program, wiring) = (program(), wiring());
    assert_eq!(format!("{:#}", program.wiring()), format!("{wiring:#}"));
    let names = |wiring: &Wiring| {
        let events = wiring.events().iter();
        events
            .map(WiredEvent::name)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(program.wiring()), names(&wiring));
    assert!(
        program.unresolved().is_empty(),
        "{:?}",
        program.unresolved()
    );
}

#[test]
fn each_name_is_read_as_it_was_chosen() {
    let program = program();
    let names: Vec<&str> = program
        .records()
        .iter()
        .filter_map(|record| match record {
            Record::Event(event) => Some(&*event.name),
            _ => None,
        })
        .collect();
    for name in [
        "line\nfn forged\n\0eventful 1 event\ncrate a 1",
        "\u{1b}[31mred\u{1b}[0m\r\t\\ \\n \\u{41} \u{7f}\u{9b}",
        " leading and trailing ",
        "ein Ärgernis, 名前, \u{202e}umgekehrt, e\u{301}",
        "generic\n",
        "r#mod, which is no path",
    ] {
        assert!(names.contains(&name), "{name:?} is not in {names:?}");
    }
    assert!(
        !program
            .records()
            .iter()
            .any(|record| record.package().name == "a")
    );
    assert_eq!(
        handler(&program, "Type::loop").own_id.as_deref(),
        Some("id\nof forged\n\0")
    );
    assert_eq!(
        handler(&program, "audit").own_id.as_deref(),
        Some("\\n \\u{41} \" \u{1b}")
    );
}

#[test]
fn the_path_of_a_module_loses_its_raw_mark_like_the_names_in_it() {
    assert_eq!(r#mod::r#Try::NAME, "hostile_names::mod::Try");
    assert_eq!(Raw::NAME, "r#mod, which is no path");
    let bus = Bus::isolated()
        .with_id("hostile_names::mod::trying")
        .with_id("r#mod::changed")
        .build()
        .unwrap();
    let [handler] = *bus.handlers::<r#mod::r#Try>() else {
        panic!("one handler");
    };
    assert_eq!(handler.id(), "hostile_names::mod::trying");
    assert_eq!(handler.module_path(), "hostile_names::mod");
    // The rest is as it is written: a function, two parameters, an id and a name. What the file says is the same, see
    // above.
    let table = format!("{:#}", wiring());
    let raw: Vec<&str> = table
        .split_whitespace()
        .filter(|it| it.contains("r#"))
        .collect();
    assert_eq!(
        raw,
        [
            "r#fn",
            "&super::r#Type",
            "r#mod::changed",
            "&r#Type",
            "r#mod,"
        ]
    );
    for name in [
        "hostile_names::mod::Try",
        "hostile_names::mod::Changed<u8>",
        "dyn hostile_names::mod::dyn",
        "hostile_names::mod::fn",
        "hostile_names::mod::match",
    ] {
        assert!(table.contains(name), "{name} is not in {table}");
    }
}

fn handler<'a>(program: &'a Program, function: &str) -> &'a HandlerRecord {
    let found = program.records().iter().find_map(|record| match record {
        Record::Handler(handler) if handler.function == function => Some(handler),
        _ => None,
    });
    found.unwrap_or_else(|| panic!("there is no {function}"))
}

#[test]
fn documentation_is_one_line_without_control_characters_in_the_file() {
    let content = std::fs::read(env::current_exe().unwrap()).unwrap();
    let text = String::from_utf8_lossy(&content);
    let docs = text.lines().filter(|line| line.starts_with("doc "));
    let escaped = r#"doc \\t A tab, a \\ backslash, a "quote", a `tick`, \\u{1b}[31m as it is written,\tand one that is there."#;
    let docs: Vec<&str> = docs.collect();
    assert!(docs.contains(&escaped), "{docs:#?}");
    assert!(
        docs.contains(&r"doc \u{1b}[31mred\u{1b}[0m \r \u{7} \u{85} \u{9b}\u{0}"),
        "{docs:#?}"
    );
}
