//! The difference between two texts, line by line, for people.

/// The number of lines that are shown around a change.
const CONTEXT: usize = 3;

/// The number of pairs of lines beyond which the best match is not searched for.
const MOST_PAIRS: usize = 4_000_000;

/// Returns the lines that only `old` has, with `-` before them, those that only `new` has, with `+`, and some lines
/// around them. The nearest line above that is not indented is one of these, since it is the heading.
///
/// `None` if both have the same lines: a checkout on Windows may have changed their endings.
#[must_use]
pub fn line_difference(old: &str, new: &str) -> Option<String> {
    if old.lines().eq(new.lines()) {
        return None;
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let lines = match_lines(&old, &new);
    let mut is_shown = vec![false; lines.len()];
    for changed in (0..lines.len()).filter(|&number| lines[number].0 != ' ') {
        let last = (changed + CONTEXT).min(lines.len() - 1);
        is_shown[changed.saturating_sub(CONTEXT)..=last].fill(true);
        let is_heading = |(_, line): &(char, &str)| !line.is_empty() && !line.starts_with(' ');
        if let Some(heading) = lines[..changed].iter().rposition(is_heading) {
            is_shown[heading] = true;
        }
    }
    let mut text = String::new();
    for (number, (mark, line)) in lines.iter().enumerate() {
        if is_shown[number] {
            let shown = format!("{mark} {line}");
            // White space at the end may be the difference, but for the space that was added here.
            text.push_str(if line.is_empty() {
                shown.trim_end()
            } else {
                &shown
            });
            text.push('\n');
        } else if number == 0 || is_shown[number - 1] {
            text.push_str("...\n");
        }
    }
    Some(text)
}

/// Returns every line with `-` or `+`, or with a space if both texts have it.
fn match_lines<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(char, &'a str)> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (common_start, old) = old.split_at(start);
    let new = &new[start..];
    let backwards = old.iter().rev().zip(new.iter().rev());
    let end = backwards.take_while(|(a, b)| a == b).count();
    let (old, common_end) = old.split_at(old.len() - end);
    let new = &new[..new.len() - end];
    let mut lines: Vec<(char, &str)> = common_start.iter().map(|line| (' ', *line)).collect();
    match_changed(old, new, &mut lines);
    lines.extend(common_end.iter().map(|line| (' ', *line)));
    lines
}

fn match_changed<'a>(old: &[&'a str], new: &[&'a str], lines: &mut Vec<(char, &'a str)>) {
    let (mut a, mut b) = (0, 0);
    if old.len() * new.len() <= MOST_PAIRS {
        let common = common_lengths(old, new);
        while a < old.len() && b < new.len() {
            if old[a] == new[b] {
                lines.push((' ', old[a]));
                (a, b) = (a + 1, b + 1);
            } else if common[a + 1][b] >= common[a][b + 1] {
                lines.push(('-', old[a]));
                a += 1;
            } else {
                lines.push(('+', new[b]));
                b += 1;
            }
        }
    }
    lines.extend(old[a..].iter().map(|line| ('-', *line)));
    lines.extend(new[b..].iter().map(|line| ('+', *line)));
}

/// Returns the length of the longest common sequence of `old[a..]` and `new[b..]`, for each `a` and `b`.
fn common_lengths(old: &[&str], new: &[&str]) -> Vec<Vec<u32>> {
    let mut common = vec![vec![0; new.len() + 1]; old.len() + 1];
    for a in (0..old.len()).rev() {
        for b in (0..new.len()).rev() {
            common[a][b] = if old[a] == new[b] {
                common[a + 1][b + 1] + 1
            } else {
                common[a + 1][b].max(common[a][b + 1])
            };
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::{line_difference, match_lines};

    fn check(old: &str, new: &str, expected: &Expect) {
        expected.assert_eq(&line_difference(old, new).unwrap());
    }

    #[test]
    fn what_is_gone_and_what_is_new() {
        check(
            "a\nb\nc\n",
            "a\nx\nc\n",
            &expect![[r"
              a
            - b
            + x
              c
        "]],
        );
        check(
            "",
            "a\nb",
            &expect![[r"
            + a
            + b
        "]],
        );
        check(
            "a\n\nb",
            "",
            &expect![[r"
            - a
            -
            - b
        "]],
        );
        check(
            "a\nb",
            "b\na",
            &expect![[r"
            - a
              b
            + a
        "]],
        );
    }

    #[test]
    fn equal_texts_differ_in_nothing() {
        assert_eq!(line_difference("a\nb", "a\r\nb\r\n"), None);
        assert_eq!(line_difference("", ""), None);
    }

    #[test]
    fn the_heading_and_three_lines_are_shown_around_a_change() {
        let old = "First\n  1\n\nSecond\n  1\n  2\n  3\n  4\n  5\n  6\n  7\n  8\n  9\n\nThird\n  1\n  2\n  3\n";
        let new = old.replace("  6\n", "").replace("Third\n", "Third\n  0\n");
        check(
            old,
            &new,
            &expect![[r"
            ...
              Second
            ...
                3
                4
                5
            -   6
                7
                8
                9
 
              Third
            +   0
                1
                2
                3
        "]],
        );
    }

    #[test]
    fn texts_that_are_too_long_to_match_are_replaced() {
        let old: Vec<String> = (0..2_001).map(|number| number.to_string()).collect();
        let new: Vec<String> = (0..2_001).rev().map(|number| number.to_string()).collect();
        let old: Vec<&str> = old.iter().map(String::as_str).collect();
        let new: Vec<&str> = new.iter().map(String::as_str).collect();
        let lines = match_lines(&old, &new);
        assert_eq!(lines.len(), 4_002);
        assert!(lines[..2_001].iter().all(|(mark, _)| *mark == '-'));
    }

    #[test]
    fn both_texts_can_be_read_from_the_lines() {
        // All pairs of texts of up to four lines of two kinds.
        let texts: Vec<Vec<&str>> = (0..5_usize)
            .flat_map(|length| (0..1_u32 << length).map(move |bits| (length, bits)))
            .map(|(length, bits)| {
                (0..length)
                    .map(|place| ["x", "y"][(bits >> place & 1) as usize])
                    .collect()
            })
            .collect();
        for old in &texts {
            for new in &texts {
                let lines = match_lines(old, new);
                let without = |mark| {
                    lines
                        .iter()
                        .filter(move |line| line.0 != mark)
                        .map(|line| line.1)
                };
                assert!(without('+').eq(old.iter().copied()), "{lines:?}");
                assert!(without('-').eq(new.iter().copied()), "{lines:?}");
            }
        }
    }
}
