//! The id that somebody meant who wrote one that no handler has.

use std::mem;

use crate::composition::is_composed_otherwise;

/// Returns the one of `ids` that is most like `given`; `None` if none is like it.
///
/// It compares as many of the last names of an id as `given` has, so that a function without its path is enough. The
/// names that both begin with do not make them more alike. An `r#` does not count, which an id never has.
pub fn did_you_mean<'a>(given: &str, ids: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = given.replace("r#", "");
    let count = plain.split(SEPARATOR).count();
    let alike = ids.into_iter().filter_map(|id| {
        let (given_rest, rest) = without_common_names(&plain, last_names(id, count));
        let distance = if is_composed_otherwise(given_rest, rest) {
            0
        } else {
            edit_distance(given_rest, rest)
        };
        // One slip in three characters is a typing error. With more of them it is another word.
        let most = given_rest.chars().count() / 3;
        (id != given && distance <= most).then_some((distance, id))
    });
    alike.min().map(|(_, id)| id)
}

/// The question for the id that was meant, up to where the next advice begins.
#[must_use]
pub fn question(given: &str, meant: &str) -> String {
    let names = meant
        .split(SEPARATOR)
        .count()
        .min(given.split(SEPARATOR).count());
    if is_composed_otherwise(last_names(given, names), last_names(meant, names)) {
        format!(
            "did you mean {meant:?}? both look the same, but the compiler composes the characters of names (NFC), and leaves \
             those of texts as they are;"
        )
    } else {
        format!("did you mean {meant:?}?")
    }
}

const SEPARATOR: &str = "::";

fn last_names(id: &str, count: usize) -> &str {
    let mut starts = id.rmatch_indices(SEPARATOR);
    let start = starts.nth(count - 1);
    start.map_or(id, |(at, separator)| &id[at + separator.len()..])
}

fn without_common_names<'a>(mut given: &'a str, mut id: &'a str) -> (&'a str, &'a str) {
    while let (Some((name, given_rest)), Some((same_name, rest))) =
        (given.split_once(SEPARATOR), id.split_once(SEPARATOR))
        && name == same_name
    {
        (given, id) = (given_rest, rest);
    }
    (given, id)
}

/// The number of characters to add, leave out, replace or swap with their neighbour that make `id` of `given`.
fn edit_distance(given: &str, id: &str) -> usize {
    let [given, id] = [given, id].map(|text| text.chars().collect::<Vec<char>>());
    let mut before_last = Vec::new();
    let mut last: Vec<usize> = (0..=id.len()).collect();
    for row in 0..given.len() {
        let mut current = vec![row + 1];
        for column in 0..id.len() {
            let replaced = last[column] + usize::from(given[row] != id[column]);
            let added_or_left_out = last[column + 1].min(current[column]) + 1;
            let mut fewest = replaced.min(added_or_left_out);
            if row > 0 && column > 0 && given[row - 1..=row] == [id[column], id[column - 1]] {
                fewest = fewest.min(before_last[column - 1] + 1);
            }
            current.push(fewest);
        }
        before_last = mem::replace(&mut last, current);
    }
    last[id.len()]
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, edit_distance, question};

    #[test]
    fn the_question_says_why_two_ids_look_the_same() {
        assert_eq!(
            question("updat", "shop::update"),
            "did you mean \"shop::update\"?"
        );
        for given in ["shop::cafe\u{301}", "cafe\u{301}"] {
            let question = question(given, "shop::café");
            assert!(
                question.starts_with("did you mean \"shop::café\"? both look the same"),
                "{question}"
            );
        }
    }

    #[test]
    fn slips_are_counted_by_character() {
        for (given, id, count) in [
            ("charge", "charge", 0),
            ("", "charge", 6),
            ("charge", "", 6),
            ("chargee", "charge", 1),
            ("chare", "charge", 1),
            ("chbrge", "charge", 1),
            ("hcarge", "charge", 1),
            ("chareg", "charge", 1),
            ("cahreg", "charge", 2),
            ("ahc", "charge", 5),
            ("für", "fur", 1),
        ] {
            assert_eq!(edit_distance(given, id), count, "{given} {id}");
        }
    }

    #[test]
    fn the_id_that_was_meant_is_the_one_with_the_fewest_slips() {
        const IDS: [&str; 7] = [
            "shop::café",
            "shop::cache::update",
            "shop::cache::updates",
            "shop::stock::update",
            "shop::mail::send",
            "audit",
            "cat",
        ];
        for (given, expected) in [
            ("shop::cahce::update", Some("shop::cache::update")),
            ("shop::cache::updatess", Some("shop::cache::updates")),
            ("send", Some("shop::mail::send")),
            ("mail::snd", Some("shop::mail::send")),
            // Of two that are as near, the first by name.
            ("updat", Some("shop::cache::update")),
            ("my::shop::mail::send", Some("shop::mail::send")),
            ("aduit", Some("audit")),
            // One slip in three characters, and two.
            ("cut", Some("cat")),
            ("cup", None),
            ("shop::cache::remove", None),
            ("shop::orders::place", None),
            ("", None),
            // The compiler composes the characters of names.
            ("shop::cafe\u{301}", Some("shop::café")),
            ("cafe\u{301}", Some("shop::café")),
            ("shop::r#mail::r#send", Some("shop::mail::send")),
            // It is there, and still not what was asked for.
            ("audit", None),
        ] {
            assert_eq!(did_you_mean(given, IDS), expected, "{given}");
        }
    }
}
