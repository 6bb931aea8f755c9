//! The reader of records on files that nobody means well with: it says what is wrong, and never panics.
//!
//! A short run is part of every `cargo test --all-features`; the long one, ten million sections, takes a minute:
//!
//!     cargo test -p eventful-wiring --features inspect --release --test hostile_records -- --ignored
#![cfg(feature = "inspect")]

use std::time::{Duration, Instant};

use eventful_wiring::inspect::{Record, parse};

/// Records with every line that there is, as a linker leaves them.
const WRITTEN: &str = "\0\0eventful 1 handler
crate storefront-billing 0.1.0
in storefront_billing::charge
at C:\\\\src\\\\charge.rs:14:15
fn Ledger::charge
id billing\\tcharge
order -10
after reserve
before crate::cache::update
after-id mail.\\\\send
before-id \\u{fc}ber
when
async
needs &Database
needs Option<&dyn Mailer>
doc Debits what the order costs, \u{201e}once\u{201c}.
of 35:12 order.stock_reserved
returns 62:12 order.paid
returns 5:6<> shop::Changed
returns-unnamed impl Event
\0\0\0eventful 1 event
crate shop 1.2.0-beta.1
in shop::orders
at src/orders.rs:7:12
name order.created
named
async
concurrent
fail_fast
generic
handlers 1..=3
as 4:11* dyn shop::audit::Auditable
doc Somebody has bought something.
\0eventful 1 family
crate shop 1.2.0-beta.1
in shop::audit
at src/audit.rs:4:11
name shop::audit::Auditable
async
doc What is written down.
\0\0\0\0eventful 1 saga
what is not known yet
\0";

/// The texts that mutations insert. Each means something somewhere.
const TOKENS: [&str; 26] = [
    "\0",
    "\n",
    " ",
    "\\",
    "\\u{",
    "}",
    "\\u{110000}",
    "\\u{0000000041}",
    "\\n",
    "\\x41",
    ":",
    "..",
    "..=",
    "-",
    "99999999999",
    "4294967295",
    "generic",
    "eventful 1 event\n",
    "eventful 2 event\n",
    "of a::B\n",
    "of 1:2 a\n",
    "as 1:2<> b\n",
    "order 2147483648\n",
    "\u{1b}[31m",
    "\u{2028}",
    "\r\n",
];

#[test]
fn a_short_run() {
    check_sections(10_000, 1);
}

#[test]
#[ignore = "takes a minute, and only with --release"]
fn ten_million_sections() {
    check_sections(10_000_000, 2);
}

fn check_sections(count: u32, seed: u64) {
    let mut numbers = Numbers(seed);
    let (mut read, mut refused) = (0_u32, 0_u32);
    let mut section = Vec::new();
    for number in 0..count {
        section.clear();
        if number % 8 == 0 {
            fill_at_random(&mut section, &mut numbers);
        } else {
            section.extend(WRITTEN.as_bytes());
            for _ in 0..=numbers.below(4) {
                mutate(&mut section, &mut numbers);
            }
        }
        let shown = ShownOnPanic(&section);
        if check(shown.0) {
            read += 1;
        } else {
            refused += 1;
        }
    }
    println!("{read} sections were read, {refused} refused");
    // Otherwise the mutations are too timid to tell anything, or too wild.
    assert!(read > count / 20 && refused > count / 20);
}

/// Tells if the section can be read, and checks the promises of the reader.
fn check(section: &[u8]) -> bool {
    let outcome = parse(section);
    match &outcome {
        Ok(records) => assert!(records.len() <= count_of_chunks(section)),
        Err(error) => {
            let message = error.to_string();
            assert!(!message.chars().any(char::is_control), "{message:?}");
            assert!(message.len() < 800, "{message}");
        }
    }
    // What stands before a section changes nothing about it.
    let behind_others = parse(&[WRITTEN.as_bytes(), section].concat());
    match (&outcome, behind_others) {
        (Ok(records), Ok(all)) => {
            let own = all.len() - records.len();
            assert_eq!(own, 3);
            assert_eq!(all[own..], records[..]);
        }
        (Err(_), Err(_)) => {}
        (outcome, behind_others) => panic!("alone {outcome:?}, behind others {behind_others:?}"),
    }
    outcome.is_ok()
}

fn count_of_chunks(section: &[u8]) -> usize {
    let chunks = section.split(|&byte| byte == 0);
    chunks.filter(|chunk| !chunk.is_empty()).count()
}

fn fill_at_random(section: &mut Vec<u8>, numbers: &mut Numbers) {
    for _ in 0..numbers.below(60) {
        match numbers.below(3) {
            0 => section.extend(numbers.next().to_le_bytes()),
            1 => section.push(b' ' + numbers.byte() % 95),
            _ => section.extend(numbers.token()),
        }
    }
}

fn mutate(section: &mut Vec<u8>, numbers: &mut Numbers) {
    let (start, end) = {
        let ends = [section.len(), section.len()].map(|length| numbers.below(length + 1));
        (ends[0].min(ends[1]), ends[0].max(ends[1]))
    };
    match numbers.below(9) {
        0 => section.truncate(end),
        1 => drop(section.drain(start..end)),
        2 => {
            let copy = section[start..end].to_vec();
            let place = numbers.below(section.len() + 1);
            section.splice(place..place, copy);
        }
        3 if start < end => section[start] ^= 1 << numbers.below(8),
        4 if start < end => section[start] = numbers.byte(),
        5 => {
            let line = line_around(section, start);
            section.drain(line);
        }
        6 => {
            // A line where another one is.
            let (copied, replaced) = (line_around(section, start), line_around(section, end));
            let copy = section[copied].to_vec();
            section.splice(replaced, copy);
        }
        _ => drop(section.splice(start..start, numbers.token().iter().copied())),
    }
}

fn line_around(section: &[u8], place: usize) -> std::ops::Range<usize> {
    let is_end = |byte: &u8| *byte == b'\n';
    let start = section[..place].iter().rposition(is_end);
    let end = section[place..].iter().position(is_end);
    start.map_or(0, |start| start + 1)..end.map_or(section.len(), |end| place + end + 1)
}

/// The same numbers on every run (`SplitMix64`).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        let number = usize::try_from(self.next() >> 33).expect("31 bits fit");
        number % limit
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[7]
    }

    fn token(&mut self) -> &'static [u8] {
        TOKENS[self.below(TOKENS.len())].as_bytes()
    }
}

/// Prints what the reader was given if it panics.
struct ShownOnPanic<'a>(&'a [u8]);

impl Drop for ShownOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the section: b\"{}\"", self.0.escape_ascii());
        }
    }
}

#[test]
fn an_error_is_as_short_as_a_line_of_a_terminal_or_two() {
    let section = format!("eventful 1 family\ndoc {}\n\0", "\u{1b}".repeat(100_000));
    let message = parse(section.as_bytes()).unwrap_err().to_string();
    assert!(
        message.contains("means nothing: \"doc \\u{1b}\\u{1b}"),
        "{message}"
    );
    assert!(
        message.ends_with("\"…") && message.len() < 700,
        "{} bytes",
        message.len()
    );
    let version = format!("eventful {}2 event\n\0", "0".repeat(100_000));
    let message = parse(version.as_bytes()).unwrap_err().to_string();
    assert!(message.len() < 200, "{} bytes", message.len());
}

/// The reader looks at each byte a few times, whatever it is that never ends: each of these would take minutes if it
/// looked back.
#[test]
fn the_time_grows_with_the_length() {
    let head = "eventful 1 family\nin a\nat a:1:1\nname a\ndoc ";
    for part in [
        "\0",
        "a",
        "\n",
        "\\",
        "\\\\",
        "\\u{",
        "\\u{41}",
        "}",
        ":",
        " ",
        "\r",
        "a\n",
        "eventful 1 saga\n\0",
        "eventful ",
        "of a\n",
        "crate a b\n",
        "\u{fc}",
    ] {
        for head in ["", head] {
            let section = format!("{head}{}\0", part.repeat(400_000 / part.len()));
            let start = Instant::now();
            let _ = parse(section.as_bytes());
            let elapsed = start.elapsed();
            assert!(
                elapsed < Duration::from_secs(10),
                "{part:?} took {elapsed:?}"
            );
        }
    }
}

mod escaped {
    use proptest::prelude::*;

    use super::*;

    /// The text as the macros escape it.
    fn escape(text: &str) -> String {
        let escape = |character: char| match character {
            '\\' => r"\\".to_owned(),
            '\n' => r"\n".to_owned(),
            '\r' => r"\r".to_owned(),
            '\t' => r"\t".to_owned(),
            control if control.is_control() => control.escape_unicode().to_string(),
            other => other.to_string(),
        };
        let escaped: String = text.chars().map(escape).collect();
        escaped.replace("r#", r"r\u{23}")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn every_text_is_read_as_it_was(name: String, doc: String, file in "\\PC*") {
            let section = format!(
                "eventful 1 family\nin a\nat {}:3:4\nname {}\ndoc {}\n\0",
                escape(&file), escape(&name), escape(&doc)
            );
            let records = parse(section.as_bytes()).unwrap();
            let [Record::Family(family)] = &records[..] else { panic!("{records:?}") };
            prop_assert_eq!(&family.name, &format!("dyn {name}"));
            prop_assert_eq!(family.doc.as_deref(), Some(&*doc));
            prop_assert_eq!(family.position.file(), &*file);
        }
    }
}
