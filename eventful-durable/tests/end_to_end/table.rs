//! `BEHAVIOURS.md` is true: each rule has a row, each numbered test is in the row of its number.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const NUMBERS: [u32; 31] = [
    128, 129, 130, 131, 132, 133, 136, 138, 140, 142, 143, 146, 148, 150, 152, // transaction
    153, 154, 155, 156, 159, 160, 162, 163, 165, 166, 171, 172, 173, 174, 176, 178, // durable
];

#[test]
fn each_rule_has_a_row_and_each_numbered_test_is_in_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let table = fs::read_to_string(folder.join("BEHAVIOURS.md")).unwrap();
    let (mut numbers, mut named) = (Vec::new(), BTreeSet::new());
    for row in table.lines().filter_map(|line| line.strip_prefix("| R")) {
        let cells: Vec<_> = row.split(" | ").collect();
        let [number, rule, tests] = cells[..] else {
            panic!("three cells: {row}")
        };
        let tests: Vec<_> = tests.split('`').skip(1).step_by(2).collect();
        let is_reason = ["Choice: ", "Not offered", "Two phases"];
        let has_reason = is_reason.iter().any(|it| rule.starts_with(it));
        assert!(!tests.is_empty() || has_reason, "R{number}");
        for test in tests {
            assert!(test.contains(&format!("::r{number}_")), "R{number}: {test}");
            named.insert(test.to_owned());
        }
        numbers.push(number.parse::<u32>().unwrap());
    }
    assert_eq!(numbers, NUMBERS);
    let mut present = BTreeSet::new();
    for module in ["delivery", "failure", "transaction"] {
        let text = fs::read_to_string(folder.join(format!("end_to_end/{module}.rs"))).unwrap();
        let tests = text.split("async fn ").skip(1);
        let tests = tests.filter_map(|rest| rest.split_once('('));
        let tests = tests.map(|(name, _)| name);
        let is_numbered = |name: &&str| {
            let number = name.strip_prefix('r').and_then(|it| it.split_once('_'));
            number.is_some_and(|(number, _)| number.parse::<u32>().is_ok())
        };
        present.extend(
            tests
                .filter(is_numbered)
                .map(|it| format!("{module}::{it}")),
        );
    }
    assert_eq!(present, named);
}
