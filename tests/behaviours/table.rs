//! `tests/BEHAVIOURS.md` is true: each rule has its row, and each row its tests and the mutations that turn them red.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The numbers of the classes that the table is about.
const NUMBERS: [u32; 88] = [
    1, 2, 3, 4, 6, 9, 12, 14, 17, 18, 20, 21, 23, 24, 25, 28, 29, // core
    30, 31, 33, 36, 37, 38, // order
    40, 41, 42, 45, 46, 47, 49, 51, 54, // error
    55, 56, 58, 61, 63, 65, // reentrancy
    66, 67, 68, 70, 73, 75, // async
    76, 77, 78, 82, 83, 85, // generic
    86, 88, 91, 92, 93, // filter
    94, 95, 97, 99, 100, 101, 103, 105, 107, 108, 109, 111, 114, 115, 116, // test support
    118, 119, 120, 122, 124, 126, // introspection
    180, 182, 184, // concurrency
    190, 191, 192, 193, 194, 195, 196, 197, 198, // lending
];

struct Row {
    number: u32,
    rule: String,
    tests: Vec<String>,
    mutations: Vec<String>,
}

fn rows() -> Vec<Row> {
    let table = table();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| R"));
    rows.map(|row| {
        let cells: Vec<_> = row.trim_end_matches('|').split(" | ").collect();
        let [number, rule, tests, mutations] = cells[..] else {
            panic!("four cells: {row}")
        };
        Row {
            number: number.trim().parse().unwrap(),
            rule: rule.trim().to_owned(),
            tests: in_backticks(tests),
            mutations: in_backticks(mutations),
        }
    })
    .collect()
}

fn table() -> String {
    fs::read_to_string(tests().join("BEHAVIOURS.md")).unwrap()
}

#[test]
fn each_behaviour_has_one_row_with_a_test_and_a_mutation_or_with_a_reason() {
    let rows = rows();
    let numbers: Vec<_> = rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, NUMBERS);
    for row in rows {
        let has_tests = !row.tests.is_empty();
        assert_eq!(has_tests, !row.mutations.is_empty(), "R{}", row.number);
        let has_reason = row.rule.starts_with("Not offered: ");
        assert_eq!(has_tests, !has_reason, "R{}", row.number);
    }
}

#[test]
fn each_test_that_a_row_names_exists_and_each_test_has_its_row() {
    let numbered = numbered_tests();
    let mut unnamed = numbered.clone();
    for row in rows() {
        let own_name = format!("r{}_", row.number);
        let has_own = row
            .tests
            .iter()
            .any(|test| last(test).starts_with(&own_name));
        assert!(
            has_own || row.tests.is_empty(),
            "R{} has no test of its own",
            row.number
        );
        for test in &row.tests {
            let is_there = numbered.contains(last(test));
            let is_mistake = tests().join(test).is_file();
            assert!(is_there || is_mistake, "there is no test {test}");
            unnamed.remove(last(test));
        }
    }
    assert_eq!(unnamed, BTreeSet::new(), "no row names these");
}

#[test]
fn each_mutation_that_a_row_names_turns_a_test_of_that_row_red() {
    let mutations = mutations();
    for row in rows() {
        for name in &row.mutations {
            let Some(red) = mutations.get(name) else {
                panic!("R{} names {name}, which is no mutation", row.number)
            };
            let is_own = row.tests.iter().any(|test| red.contains(last(test)));
            assert!(
                is_own,
                "{name} is said to turn none of R{}'s tests red",
                row.number
            );
        }
    }
    let named: BTreeSet<_> = in_backticks(&table()).into_iter().collect();
    let unnamed = mutations.keys().filter(|name| !named.contains(*name));
    assert_eq!(
        unnamed.collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "the table does not name these"
    );
}

/// The mutations, each with the tests that it turns red, or the compile errors that it removes.
fn mutations() -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(tests().join("mutations/mutations.toml")).unwrap();
    let mut mutations = BTreeMap::new();
    for table in text.split("\n[").skip(1) {
        let (name, rest) = table.split_once(']').expect("a table's name ends");
        let red = list(rest, "red")
            .into_iter()
            .map(|test| last(test).to_owned());
        let mistakes = list(rest, "arguments").into_iter().map(|argument| {
            let file = argument
                .strip_prefix("trybuild=")
                .expect("there are no others");
            format!("ui/{file}")
        });
        mutations.insert(name.to_owned(), red.chain(mistakes).collect());
    }
    mutations
}

/// The strings of a list in a table of TOML.
fn list<'a>(table: &'a str, key: &str) -> Vec<&'a str> {
    let Some((_, list)) = table.split_once(&format!("\n{key} = [")) else {
        return Vec::new();
    };
    let list = list.split(']').next().unwrap_or_default();
    list.split('"').skip(1).step_by(2).collect()
}

/// Every test whose name begins with a number.
fn numbered_tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let folders = ["behaviours", "process", "programs"].map(|name| tests().join(name));
    for file in folders.iter().flat_map(|folder| rust_files(folder)) {
        let text = fs::read_to_string(file).unwrap();
        for line in text.lines() {
            let line = line.trim_start();
            let name = line.strip_prefix("fn ").unwrap_or(line);
            let end = name.find(|other: char| other != '_' && !other.is_ascii_alphanumeric());
            let (name, rest) = name.split_at(end.unwrap_or(0));
            // A function, or a line of the macro that makes the tests of the profiles.
            let is_item = rest.starts_with('(') || rest.starts_with(": \"");
            let is_numbered = name.strip_prefix('r').is_some_and(|rest| {
                rest.split('_')
                    .next()
                    .is_some_and(|number| number.parse::<u32>().is_ok())
            });
            if is_item && is_numbered {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                rust_files(&path)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// The name at the end of a test's path.
fn last(test: &str) -> &str {
    test.rsplit("::").next().unwrap_or(test)
}

fn in_backticks(text: &str) -> Vec<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}
