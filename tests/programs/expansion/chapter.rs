//! The chapter of the guide that walks through two expansions.

use std::fs;
use std::path::Path;

use expect_test::expect_file;

/// Checks that the chapter shows these items as they were written and as they are expanded, and nothing else.
/// `UPDATE_EXPECT=1` writes the expansions anew.
pub(crate) fn check(written: &str, expansions: &[&str]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let chapter = fs::read_to_string(root.join("src/guide/expansion.md"));
    let chapter = chapter.expect("the chapter can be read");
    for item in written.split("\n\n").skip(1).take(3) {
        assert!(chapter.contains(item), "the chapter does not have\n{item}");
    }

    let mut sections = chapter.split("```text\n");
    let mut shown = sections.next().unwrap_or_default().to_owned();
    let mut expansions = expansions.iter();
    for section in sections {
        let (_, walk) = section.split_once("```\n").expect("the block has an end");
        let expansion = expansions.next().expect("it is compared").trim_end();
        shown.extend(["```text\n", expansion, "\n```\n", walk]);
        let steps = walk
            .split("\n- `")
            .skip(1)
            .filter_map(|step| step.split_once("`:"));
        let mut steps = steps.peekable();
        assert!(steps.peek().is_some(), "the expansion is explained");
        for (code, _) in steps {
            assert!(
                in_one_line(expansion).contains(code),
                "`{code}` is not in\n{expansion}"
            );
        }
    }
    assert!(expansions.next().is_none(), "each expansion is shown");
    expect_file![root.join("src/guide/expansion.md")].assert_eq(&shown);
}

/// The text without its line breaks, so that a quotation may end within a line.
fn in_one_line(code: &str) -> String {
    code.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}
